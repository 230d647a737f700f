-- A number of the county's is held by one case of the county. Where it stands at two already, the first holds it.
ALTER TABLE cases ADD COLUMN number_key VARCHAR(64) NULL;
UPDATE cases SET number_key = county_number WHERE county_number <> '' AND id IN
  (SELECT id FROM (SELECT MIN(id) AS id FROM cases WHERE county_number <> '' GROUP BY county, county_number) AS firsts);
CREATE UNIQUE INDEX cases_number_key ON cases (number_key, county);
