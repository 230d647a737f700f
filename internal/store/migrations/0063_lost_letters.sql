-- Letters to the county's platform that counted as delivered while none was set, and whose handover waits still: a person looks at them, or releases them.
UPDATE outbox SET status = 'stuck', done_at = NULL, last_error = 'there was no platform'
  WHERE kind = 'case_handover' AND status = 'done' AND object IN (SELECT id FROM case_handovers WHERE status = 'waiting');
