"""The life of a worker process: its name, its list of jobs, how it runs, stops and is watched."""
