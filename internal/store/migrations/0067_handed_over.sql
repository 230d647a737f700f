-- Of the hand-over: that the result was refused and left, before whom, and whether a fee was paid and its receipt given.
ALTER TABLE errands ADD COLUMN refusal BLOB NULL;
ALTER TABLE errands ADD COLUMN refusal_witness_one BLOB NULL;
ALTER TABLE errands ADD COLUMN refusal_witness_two BLOB NULL;
ALTER TABLE errands ADD COLUMN fee VARCHAR(16) NOT NULL DEFAULT '';
