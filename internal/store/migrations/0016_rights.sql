-- closed_at: the account is closed (注销); the row stays, with nothing personal in it.
ALTER TABLE persons ADD COLUMN closed_at DATETIME NULL;

CREATE INDEX files_owner_id ON files (owner, id);
