-- For whom a photo or an upload was sent: the client of its sender's session, while it is loose; empty for nobody.
ALTER TABLE files ADD COLUMN client VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN client VARCHAR(36) NOT NULL DEFAULT '';
