-- When somebody says that he did what he told only later: acts that a phone queued without a network (离线补报). What clocks and law
-- count with stays the moment of receipt.
ALTER TABLE offline_acts ADD COLUMN said_at DATETIME NULL;
ALTER TABLE case_events ADD COLUMN done_at DATETIME NULL;
ALTER TABLE errand_events ADD COLUMN done_at DATETIME NULL;
ALTER TABLE errand_papers ADD COLUMN done_at DATETIME NULL;
