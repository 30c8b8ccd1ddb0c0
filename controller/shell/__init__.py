"""Around the core: one loop per hall. Take letters, stamp, decide, fold, write down in one transaction, then speak."""
