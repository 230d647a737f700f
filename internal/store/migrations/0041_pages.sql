-- A paper of a case may be a PDF; and what an object carries has an order of its own.
ALTER TABLE files ADD COLUMN media VARCHAR(32) NOT NULL DEFAULT 'image/jpeg';
ALTER TABLE files ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
