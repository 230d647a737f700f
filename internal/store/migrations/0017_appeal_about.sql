-- What an appeal complains of, apart from the appeals themselves, so that it can be asked without reading them and without an index there.
CREATE TABLE appeal_about (
  appeal VARCHAR(36) NOT NULL,
  person VARCHAR(36) NOT NULL,
  office VARCHAR(36) NOT NULL,
  PRIMARY KEY (appeal)
);

INSERT INTO appeal_about (appeal, person, office)
  SELECT id, about_person, about_office FROM appeals
  WHERE (about_person <> '' OR about_office <> '') AND id NOT IN (SELECT appeal FROM appeal_about);
