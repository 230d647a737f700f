-- What came of having the county look a paper up (数据共享): found, absent, down, or empty; by which the register knows it; and when.
ALTER TABLE case_materials ADD COLUMN lookup VARCHAR(16) NOT NULL DEFAULT '';
ALTER TABLE case_materials ADD COLUMN lookup_ref VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE case_materials ADD COLUMN lookup_at DATETIME NULL;
