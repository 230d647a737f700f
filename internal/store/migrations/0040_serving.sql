-- Whom a clerk serves at the counter in this session (接待): empty for nobody.
ALTER TABLE sessions ADD COLUMN client VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN client_since DATETIME NULL;
