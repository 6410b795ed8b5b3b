-- Version 2: counts of messages that have something in common, and of their successes. "at" is in seconds by the clock of
-- the caller; only clean-up uses the clock of the database.

CREATE TABLE otp.tallied (
  key text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  sent int NOT NULL,
  verified int NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (key, at)
) WITH (fillfactor = 70);
CREATE INDEX tallied_expires_at ON otp.tallied (expires_at);

-- A tally as the store passes it, in JSON.
CREATE TYPE otp.asked_tally AS (key text, at bigint, sent int, verified int, until bigint, enough int);

CREATE FUNCTION otp.count_message(asked otp.asked_tally, moment timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF asked.sent > 0 THEN
    INSERT INTO otp.tallied AS t (key, at, sent, expires_at)
    VALUES (asked.key, asked.at, asked.sent, moment + interval '1 day')
    ON CONFLICT (key, at) DO UPDATE SET sent = t.sent + excluded.sent;
    RETURN;
  END IF;
  UPDATE otp.tallied AS t SET verified = least(t.sent, t.verified + asked.verified)
  WHERE t.key = asked.key AND t.at = asked.at;
END $$;

-- Returns one row for each tally, in order: the newest messages that are enough, or all messages.
CREATE FUNCTION otp.tally(tallies jsonb) RETURNS TABLE (sent int, verified int)
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
#variable_conflict use_column
DECLARE
  asked otp.asked_tally;
  moment timestamptz;
  oldest bigint;
BEGIN
  -- A call that only reads takes no lock.
  PERFORM otp.lock_counters(ARRAY(
    SELECT each ->> 'key' FROM jsonb_array_elements(tallies) AS each
    WHERE (each ->> 'sent')::int > 0 OR (each ->> 'verified')::int > 0
  ));
  moment := clock_timestamp();
  FOR asked IN SELECT * FROM jsonb_populate_recordset(NULL::otp.asked_tally, tallies) LOOP
    IF asked.sent > 0 OR asked.verified > 0 THEN
      PERFORM otp.count_message(asked, moment);
    END IF;
    SELECT coalesce(sum(each.sent), 0), coalesce(sum(each.verified), 0), min(each.at)
    INTO tally.sent, tally.verified, oldest
    FROM (
      SELECT t.at, t.sent, t.verified, sum(t.sent) OVER (ORDER BY t.at DESC) - t.sent AS newer
      FROM otp.tallied AS t
      WHERE t.key = asked.key AND t.at <= asked.until AND t.at > asked.until - 86400 AND t.expires_at > moment
    ) AS each
    WHERE each.newer < asked.enough;
    IF (asked.sent > 0 OR asked.verified > 0) AND tally.sent >= asked.enough THEN
      DELETE FROM otp.tallied AS t WHERE t.key = asked.key AND t.at < oldest;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION otp.reset(keys text[]) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
  PERFORM otp.lock_counters(keys);
  DELETE FROM otp.counter AS c WHERE c.key = ANY (keys);
  DELETE FROM otp.tallied AS t WHERE t.key = ANY (keys);
END $$;

CREATE OR REPLACE FUNCTION otp.clean_up(batch int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  verifications int;
  counters int;
  tallies int;
BEGIN
  DELETE FROM otp.verification AS v WHERE v.id = ANY (ARRAY(
    SELECT e.id FROM otp.verification AS e WHERE e.expires_at <= now()
    ORDER BY e.expires_at LIMIT batch FOR UPDATE SKIP LOCKED
  ));
  GET DIAGNOSTICS verifications = ROW_COUNT;
  DELETE FROM otp.counter AS c WHERE c.key = ANY (ARRAY(
    SELECT e.key FROM otp.counter AS e WHERE e.expires_at <= now()
    ORDER BY e.expires_at LIMIT batch FOR UPDATE SKIP LOCKED
  ));
  GET DIAGNOSTICS counters = ROW_COUNT;
  DELETE FROM otp.tallied AS t WHERE t.ctid = ANY (ARRAY(
    SELECT e.ctid FROM otp.tallied AS e WHERE e.expires_at <= now()
    ORDER BY e.expires_at LIMIT batch FOR UPDATE SKIP LOCKED
  ));
  GET DIAGNOSTICS tallies = ROW_COUNT;
  RETURN verifications + counters + tallies;
END $$;

INSERT INTO otp.migration (version) VALUES (2);
