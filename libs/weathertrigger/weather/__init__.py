"""Where a place's weather comes from: one provider after the other, each behind its gate."""
