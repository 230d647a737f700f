-- A queued act names its photos by the digest of what the phone sent.
CREATE INDEX files_sent ON files (owner, sha256_sent);
