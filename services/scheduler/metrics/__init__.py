"""What the scheduler tells Prometheus: gauges of the whole installation, read at the moment of the scrape."""
