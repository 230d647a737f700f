-- How many photos a paper had when the last answer that brought it was begun. Of papers that were answered already nothing tells: all that they have counts as before.
ALTER TABLE case_materials ADD COLUMN photos_before INTEGER NOT NULL DEFAULT 0;
UPDATE case_materials SET photos_before = (SELECT COUNT(1) FROM files WHERE files.kind = 'case_material' AND files.object = case_materials.id) WHERE changed_in > 0;
