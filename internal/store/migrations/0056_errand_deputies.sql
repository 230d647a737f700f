-- Another clerk whom the entrustment names, who acts while he stands in for the agent; and in whose stead an act was done.
ALTER TABLE errands ADD COLUMN deputy VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE errand_events ADD COLUMN stood_for VARCHAR(36) NOT NULL DEFAULT '';
