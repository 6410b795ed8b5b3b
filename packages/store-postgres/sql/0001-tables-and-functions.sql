-- Version 1 of the tables and functions of @otp/store-postgres. `migrate()` runs this file. With another tool, run it once,
-- in a transaction. For another schema than "otp", replace that word throughout.
--
-- Locks are always taken in this order: the verification, then the counters by the hash of their keys. Times are
-- clock_timestamp(), read after locking, because now() is the time before the wait for the locks.

DO $$
BEGIN
  -- A role that may not create schemas can use one that exists.
  IF to_regnamespace('otp') IS NULL THEN
    CREATE SCHEMA otp;
  END IF;
END $$;

CREATE TABLE otp.migration (
  version int PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE otp.verification (
  id text COLLATE "C" PRIMARY KEY,
  sealed text NOT NULL,
  binding text,
  expires_at timestamptz NOT NULL,
  max_tries int NOT NULL,
  -- The op of each try.
  check_ops text[] NOT NULL DEFAULT '{}',
  max_sends int NOT NULL,
  gaps_seconds double precision[] NOT NULL,
  next_send_at timestamptz NOT NULL,
  -- Not reduced when a send is cancelled, because no number is used twice.
  last_send int NOT NULL DEFAULT 1,
  -- The sends that still count, without the first.
  send_ops text[] NOT NULL DEFAULT '{}',
  send_numbers int[] NOT NULL DEFAULT '{}',
  channel text,
  claimed_by text
) WITH (fillfactor = 70);
CREATE INDEX verification_expires_at ON otp.verification (expires_at);

CREATE TABLE otp.counter (
  key text COLLATE "C" PRIMARY KEY,
  counts int[] NOT NULL,
  window_ends timestamptz[] NOT NULL,
  gap_ends_at timestamptz NOT NULL,
  last_op text,
  -- The last of window_ends. It is indexed and stays the same while a window is open, so that counting is a HOT update.
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX counter_expires_at ON otp.counter (expires_at);

-- A limit as the store passes it, in JSON.
CREATE TYPE otp.asked_window AS (max bigint, "windowSeconds" double precision);
CREATE TYPE otp.asked_limit AS (
  key text,
  name text,
  windows otp.asked_window[],
  "gapsSeconds" double precision[],
  cost int
);

-- Advisory locks, not row locks: a limit without events has no row, and a refusal must not write one. They are taken in
-- one order, so that calls that share several limits cannot deadlock. Two keys with the same hash share a lock.
CREATE FUNCTION otp.lock_counters(keys text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7304306, in_order.hash)
  FROM (SELECT DISTINCT hashtext(key) AS hash FROM unnest(keys) AS key ORDER BY hash) AS in_order;
END $$;

-- The last gap holds for all later events. Without gaps there is no wait.
CREATE FUNCTION otp.gap_after(gaps_seconds double precision[], event int) RETURNS interval
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN make_interval(secs => coalesce(gaps_seconds[least(event, cardinality(gaps_seconds))], 0));
END $$;

CREATE FUNCTION otp.milliseconds(span interval) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN extract(epoch FROM span) * 1000;
END $$;

-- The time from which every window has room and the gap has passed.
CREATE FUNCTION otp.full_until(counter otp.counter, windows otp.asked_window[]) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  until timestamptz := least(counter.gap_ends_at, counter.window_ends[1]);
BEGIN
  FOR place IN 1 .. cardinality(windows) LOOP
    IF counter.counts[place] >= windows[place].max THEN
      until := greatest(until, counter.window_ends[place]);
    END IF;
  END LOOP;
  RETURN until;
END $$;

CREATE FUNCTION otp.count_event(known otp.counter, asked otp.asked_limit, op text, moment timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  counts int[] := known.counts;
  ends timestamptz[] := known.window_ends;
  last_end timestamptz;
  gap_end timestamptz := '-infinity';
BEGIN
  FOR place IN 1 .. cardinality(asked.windows) LOOP
    IF ends[place] > moment THEN
      counts[place] := counts[place] + 1;
    ELSE
      counts[place] := 1;
      ends[place] := moment + make_interval(secs => asked.windows[place]."windowSeconds");
    END IF;
    last_end := greatest(last_end, ends[place]);
  END LOOP;
  IF asked."gapsSeconds" IS NOT NULL THEN
    gap_end := moment + otp.gap_after(asked."gapsSeconds", counts[1]);
  END IF;
  -- An insert even if the counter was found: clean_up() takes no advisory lock and may have removed it since.
  INSERT INTO otp.counter AS c VALUES (asked.key, counts, ends, gap_end, op, last_end)
  ON CONFLICT (key) DO UPDATE SET
    counts = excluded.counts,
    window_ends = excluded.window_ends,
    gap_ends_at = excluded.gap_ends_at,
    last_op = excluded.last_op,
    expires_at = excluded.expires_at;
END $$;

-- Charges all limits or, if one has no room, none. Returns the name of the first limit that has no room.
CREATE FUNCTION otp.charge(limits jsonb, op text, OUT refused text, OUT wait_ms double precision)
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  asked otp.asked_limit[] := ARRAY(SELECT jsonb_populate_recordset(NULL::otp.asked_limit, limits));
  counters otp.counter[];
  counter otp.counter;
  moment timestamptz;
  until timestamptz;
BEGIN
  PERFORM otp.lock_counters(ARRAY(SELECT each.key FROM unnest(asked) AS each));
  moment := clock_timestamp();
  FOR place IN 1 .. cardinality(asked) LOOP
    SELECT * INTO counter FROM otp.counter AS c WHERE c.key = asked[place].key;
    counters[place] := counter;
    CONTINUE WHEN NOT FOUND;
    -- A repeat of the last call that counted.
    IF counter.last_op = op AND counter.expires_at > moment THEN
      RETURN;
    END IF;
    until := otp.full_until(counter, asked[place].windows);
    IF until > moment THEN
      refused := asked[place].name;
      wait_ms := otp.milliseconds(until - moment);
      RETURN;
    END IF;
  END LOOP;
  FOR place IN 1 .. cardinality(asked) LOOP
    IF asked[place].cost IS DISTINCT FROM 0 THEN
      PERFORM otp.count_event(counters[place], asked[place], op, moment);
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION otp.refund(keys text[]) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  moment timestamptz;
BEGIN
  PERFORM otp.lock_counters(keys);
  moment := clock_timestamp();
  UPDATE otp.counter AS c SET
    -- A window that has ended stays ended. The refunded event was allowed, so the gap before it had passed.
    gap_ends_at = '-infinity',
    counts = ARRAY(
      SELECT CASE WHEN ends > moment THEN greatest(count - 1, 0) ELSE count END
      FROM unnest(c.counts, c.window_ends) WITH ORDINALITY AS each (count, ends, place)
      ORDER BY place
    )
  WHERE c.key = ANY (keys);
END $$;

CREATE FUNCTION otp.reset(keys text[]) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
  PERFORM otp.lock_counters(keys);
  DELETE FROM otp.counter AS c WHERE c.key = ANY (keys);
END $$;

CREATE FUNCTION otp.open(record jsonb, limits jsonb, OUT refused text, OUT wait_ms double precision)
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  new_id text := record ->> 'id';
  gaps double precision[] := ARRAY(SELECT jsonb_array_elements_text(record -> 'gapsSeconds'));
  moment timestamptz;
BEGIN
  -- The verification has no row to lock yet.
  PERFORM pg_advisory_xact_lock(7304305, hashtext(new_id));
  IF EXISTS (SELECT FROM otp.verification AS v WHERE v.id = new_id) THEN
    RETURN;
  END IF;
  SELECT charged.* INTO refused, wait_ms FROM otp.charge(limits, NULL) AS charged;
  IF refused IS NOT NULL THEN
    RETURN;
  END IF;
  moment := clock_timestamp();
  INSERT INTO otp.verification
    (id, sealed, binding, expires_at, max_tries, max_sends, gaps_seconds, next_send_at)
  VALUES (
    new_id,
    record ->> 'sealed',
    record ->> 'binding',
    moment + make_interval(secs => (record -> 'ttlSeconds')::double precision),
    (record -> 'maxTries')::int,
    (record -> 'maxSends')::int,
    gaps,
    moment + otp.gap_after(gaps, 1)
  )
  -- Conflicts only above READ COMMITTED, where the snapshot may be older than the lock: the statement fails and is repeated.
  ON CONFLICT (id) DO NOTHING;
END $$;

CREATE FUNCTION otp.reserve_check(
  asked_id text, asked_binding text, op text,
  OUT outcome text, OUT tries_left int, OUT sealed text, OUT remaining_ms double precision, OUT channel text
)
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  found_one otp.verification;
  moment timestamptz;
  try int;
BEGIN
  UPDATE otp.verification AS v SET check_ops = v.check_ops || op
  WHERE v.id = asked_id
    AND v.expires_at > clock_timestamp()
    AND v.claimed_by IS NULL
    AND v.binding IS NOT DISTINCT FROM asked_binding
    AND cardinality(v.check_ops) < v.max_tries
    AND op <> ALL (v.check_ops)
  RETURNING v.* INTO found_one;
  IF NOT FOUND THEN
    -- Only a repeated op or another binding can find it live here; every other reason is final.
    SELECT * INTO found_one FROM otp.verification AS v WHERE v.id = asked_id;
  END IF;
  moment := clock_timestamp();
  try := array_position(found_one.check_ops, op);
  IF found_one.id IS NULL
    OR found_one.expires_at <= moment
    OR found_one.claimed_by IS NOT NULL
    OR (try IS NULL AND cardinality(found_one.check_ops) >= found_one.max_tries)
  THEN
    outcome := 'gone';
  ELSIF found_one.binding IS DISTINCT FROM asked_binding THEN
    outcome := 'mismatch';
  ELSIF try IS NULL THEN
    -- The verification was opened between the two statements.
    outcome := 'gone';
  ELSE
    outcome := 'ok';
    tries_left := found_one.max_tries - try;
    sealed := found_one.sealed;
    remaining_ms := otp.milliseconds(found_one.expires_at - moment);
    channel := found_one.channel;
  END IF;
END $$;

CREATE FUNCTION otp.reserve_send(
  asked_id text, limits jsonb, op text,
  OUT outcome text, OUT refused text, OUT wait_ms double precision,
  OUT send int, OUT sealed text, OUT remaining_ms double precision, OUT channel text
)
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  found_one otp.verification;
  moment timestamptz;
  sends int;
BEGIN
  SELECT * INTO found_one FROM otp.verification AS v WHERE v.id = asked_id FOR UPDATE;
  moment := clock_timestamp();
  IF NOT FOUND
    OR found_one.expires_at <= moment
    OR found_one.claimed_by IS NOT NULL
    OR cardinality(found_one.check_ops) >= found_one.max_tries
  THEN
    outcome := 'gone';
    RETURN;
  END IF;
  send := found_one.send_numbers[array_position(found_one.send_ops, op)];
  IF send IS NULL THEN
    outcome := 'refused';
    sends := 1 + cardinality(found_one.send_numbers);
    IF sends >= found_one.max_sends THEN
      refused := 'sends';
      wait_ms := otp.milliseconds(found_one.expires_at - moment);
      RETURN;
    ELSIF found_one.next_send_at > moment THEN
      refused := 'interval';
      wait_ms := otp.milliseconds(found_one.next_send_at - moment);
      RETURN;
    END IF;
    SELECT charged.* INTO refused, wait_ms FROM otp.charge(limits, NULL) AS charged;
    IF refused IS NOT NULL THEN
      RETURN;
    END IF;
    send := found_one.last_send + 1;
    UPDATE otp.verification AS v SET
      last_send = send,
      send_ops = v.send_ops || op,
      send_numbers = v.send_numbers || send,
      next_send_at = moment + otp.gap_after(v.gaps_seconds, sends + 1)
    WHERE v.id = asked_id;
  END IF;
  outcome := 'ok';
  sealed := found_one.sealed;
  remaining_ms := otp.milliseconds(found_one.expires_at - moment);
  channel := found_one.channel;
END $$;

CREATE FUNCTION otp.cancel(asked_id text, send int, refunds text[]) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
  IF send = 1 THEN
    -- The lock of open(), so that an open of the same id does not wait for this one while it holds its counters.
    PERFORM pg_advisory_xact_lock(7304305, hashtext(asked_id));
    DELETE FROM otp.verification AS v WHERE v.id = asked_id AND v.last_send = 1;
  ELSE
    UPDATE otp.verification AS v SET
      send_ops = trim_array(v.send_ops, 1),
      send_numbers = trim_array(v.send_numbers, 1),
      -- The send was allowed at its time, and nothing has been sent since.
      next_send_at = clock_timestamp()
    WHERE v.id = asked_id
      AND v.last_send = send
      AND v.send_numbers[cardinality(v.send_numbers)] = send;
  END IF;
  IF FOUND THEN
    PERFORM otp.refund(refunds);
  END IF;
END $$;

CREATE FUNCTION otp.record_channel(asked_id text, send int, used text) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
  UPDATE otp.verification AS v SET channel = used WHERE v.id = asked_id AND v.last_send = send;
END $$;

CREATE FUNCTION otp.claim(asked_id text, op text) RETURNS boolean
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
  UPDATE otp.verification AS v SET claimed_by = op
  WHERE v.id = asked_id
    AND v.expires_at > clock_timestamp()
    AND (v.claimed_by IS NULL OR v.claimed_by = op);
  RETURN FOUND;
END $$;

-- Removes at most `batch` expired rows of each table and returns how many it removed. Waits for no lock.
CREATE FUNCTION otp.clean_up(batch int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  verifications int;
  counters int;
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
  RETURN verifications + counters;
END $$;

INSERT INTO otp.migration (version) VALUES (1);
