"""Ad platforms without a network: tables, codecs, batches, answers of any shape."""
