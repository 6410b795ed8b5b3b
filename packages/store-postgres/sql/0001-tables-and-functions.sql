-- Version 1 of the tables and functions of @otp/store-postgres. `migrate()` runs this file. With another tool, run it once,
-- in a transaction. For another schema than "otp", replace that word throughout.
--
-- A verb of the store is a function that takes one JSON value, with the names of the port of @otp/core, and returns another.
-- Locks are always taken in this order: the keys of limits and tallies by their hash, the verification, rows under those
-- keys. Times are clock_timestamp(), read after locking, because now() is the time before the wait for the locks.

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
  opened_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  max_guesses int NOT NULL,
  -- The op of each guess.
  guess_ops text[] NOT NULL DEFAULT '{}',
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
  key text COLLATE "C" NOT NULL,
  -- Empty for a limit without shares.
  share text COLLATE "C" NOT NULL,
  counts int[] NOT NULL,
  window_ends timestamptz[] NOT NULL,
  -- Events of the first window by which the next gap is chosen.
  gap_events int NOT NULL,
  gap_ends_at timestamptz NOT NULL,
  last_op text,
  -- Events that successes have given back, in a window of a day.
  given_back int NOT NULL,
  given_back_until timestamptz NOT NULL,
  -- The last of all these ends. It is indexed and stays the same while a window is open, so that counting is a HOT update.
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (key, share)
) WITH (fillfactor = 70);
CREATE INDEX counter_expires_at ON otp.counter (expires_at);

-- Messages with something in common, and their successes. "at" is in seconds by the clock of the caller; only clean-up uses
-- the clock of the database.
CREATE TABLE otp.tallied (
  key text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  sent int NOT NULL DEFAULT 1,
  verified int NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (key, at)
) WITH (fillfactor = 70);
CREATE INDEX tallied_expires_at ON otp.tallied (expires_at);

-- Records, limits and tallies as the store passes them. "op" is what a limit is charged by.
CREATE TYPE otp.asked_record AS (
  id text,
  sealed text,
  binding text,
  "ttlSeconds" double precision,
  "maxGuesses" int,
  "fewerGuesses" jsonb,
  "maxSends" int,
  "gapsSeconds" double precision[]
);
CREATE TYPE otp.asked_window AS (max bigint, "windowSeconds" double precision);
CREATE TYPE otp.asked_limit AS (
  key text,
  share text,
  name text,
  windows otp.asked_window[],
  "gapsSeconds" double precision[],
  cost int,
  op text
);
CREATE TYPE otp.asked_tally AS (key text, at bigint, until bigint, enough int);

-- The last gap applies to all later events. Without gaps there is no wait.
CREATE FUNCTION otp.gap_after(gaps_seconds double precision[], event int) RETURNS interval
LANGUAGE sql IMMUTABLE
RETURN make_interval(secs => coalesce(gaps_seconds[least(event, cardinality(gaps_seconds))], 0));

CREATE FUNCTION otp.refusal(name text, span interval) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object(
  'ok', false, 'limit', name, 'retryAfterSeconds', greatest(1, ceil(extract(epoch FROM span))));

CREATE FUNCTION otp.failure(why text) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('ok', false, 'why', why);

CREATE FUNCTION otp.is_open(v otp.verification, moment timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN coalesce(
  v.expires_at > moment AND v.claimed_by IS NULL AND cardinality(v.guess_ops) < v.max_guesses, false);

CREATE FUNCTION otp.open_record(v otp.verification) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('sealed', v.sealed, 'channel', v.channel);

-- Advisory locks, not row locks: a limit without events has no row, and a refusal must not write one. They are taken in
-- one order, so that calls that share several keys cannot deadlock. Two keys with the same hash share a lock.
CREATE FUNCTION otp.lock_keys(items jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF items <> '[]' THEN
    PERFORM pg_advisory_xact_lock(7304306, in_order.hash)
    FROM (
      SELECT DISTINCT hashtext(item ->> 'key') AS hash FROM jsonb_array_elements(items) AS item ORDER BY hash
    ) AS in_order;
  END IF;
END $$;

-- An insert even if a counter was found: clean_up() takes no advisory lock and may have removed it since.
CREATE FUNCTION otp.write_counters(counters otp.counter[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO otp.counter SELECT * FROM unnest(counters)
  ON CONFLICT (key, share) DO UPDATE SET
    counts = excluded.counts,
    window_ends = excluded.window_ends,
    gap_events = excluded.gap_events,
    gap_ends_at = excluded.gap_ends_at,
    last_op = excluded.last_op,
    given_back = excluded.given_back,
    given_back_until = excluded.given_back_until,
    expires_at = excluded.expires_at;
END $$;

-- Charges all limits or, if one has no room, none. Returns the refusal of the first that has none, or NULL.
CREATE FUNCTION otp.charge_limits(limits jsonb) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  asked otp.asked_limit;
  counter otp.counter;
  charged otp.counter[];
  until timestamptz;
BEGIN
  FOR n IN 0 .. jsonb_array_length(limits) - 1 LOOP
    asked := jsonb_populate_record(NULL::otp.asked_limit, limits -> n);
    asked.share := coalesce(asked.share, '');
    SELECT * INTO counter FROM otp.counter AS c WHERE c.key = asked.key AND c.share = asked.share;
    IF counter.last_op = asked.op AND moment < ANY (counter.window_ends) THEN
      CONTINUE WHEN asked.cost = 0;
      -- A repeat: all of them were charged.
      RETURN NULL;
    END IF;
    -- A gap ends with the first window.
    until := least(counter.gap_ends_at, counter.window_ends[1]);
    counter.gap_events := CASE WHEN counter.window_ends[1] > moment THEN counter.gap_events + 1 ELSE 1 END;
    FOR place IN 1 .. cardinality(asked.windows) LOOP
      IF counter.window_ends[place] > moment THEN
        IF counter.counts[place] >= asked.windows[place].max THEN
          until := greatest(until, counter.window_ends[place]);
        END IF;
        counter.counts[place] := counter.counts[place] + 1;
      ELSE
        counter.counts[place] := 1;
        counter.window_ends[place] := moment + make_interval(secs => asked.windows[place]."windowSeconds");
      END IF;
      counter.expires_at := greatest(counter.expires_at, counter.window_ends[place]);
    END LOOP;
    IF until > moment THEN
      RETURN otp.refusal(asked.name, until - moment);
    END IF;
    CONTINUE WHEN asked.cost = 0;
    counter.key := asked.key;
    counter.share := asked.share;
    counter.gap_ends_at := moment + otp.gap_after(asked."gapsSeconds", counter.gap_events);
    counter.last_op := asked.op;
    counter.given_back := coalesce(counter.given_back, 0);
    counter.given_back_until := coalesce(counter.given_back_until, '-infinity');
    charged := charged || counter;
  END LOOP;
  IF charged IS NOT NULL THEN
    PERFORM otp.write_counters(charged);
  END IF;
  RETURN NULL;
END $$;

-- Gives back one event of each open window: of a send that was cancelled, with the gap after it; of a create that has
-- succeeded, only of windows that were open at that time, and ten times a day.
CREATE FUNCTION otp.give_back(limits jsonb, event text, opened_at timestamptz DEFAULT 'infinity') RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  asked otp.asked_limit;
  counter otp.counter;
  given otp.counter[];
BEGIN
  FOR n IN 0 .. jsonb_array_length(limits) - 1 LOOP
    asked := jsonb_populate_record(NULL::otp.asked_limit, limits -> n);
    SELECT * INTO counter FROM otp.counter AS c WHERE c.key = asked.key AND c.share = coalesce(asked.share, '');
    CONTINUE WHEN NOT FOUND;
    IF event = 'cancel' THEN
      counter.gap_events := greatest(counter.gap_events - 1, 0);
      -- The event was allowed, so the gap before it had passed.
      counter.gap_ends_at := '-infinity';
    ELSIF event = 'create' THEN
      IF counter.given_back_until <= moment THEN
        counter.given_back := 0;
        counter.given_back_until := moment + interval '1 day';
        counter.expires_at := greatest(counter.expires_at, counter.given_back_until);
      END IF;
      CONTINUE WHEN counter.given_back >= 10;
      counter.given_back := counter.given_back + 1;
    END IF;
    FOR place IN 1 .. cardinality(counter.counts) LOOP
      IF counter.window_ends[place] > moment
        AND counter.window_ends[place] - make_interval(secs => asked.windows[place]."windowSeconds") <= opened_at
      THEN
        counter.counts[place] := greatest(counter.counts[place] - 1, 0);
      END IF;
    END LOOP;
    given := given || counter;
  END LOOP;
  IF given IS NOT NULL THEN
    PERFORM otp.write_counters(given);
  END IF;
END $$;

-- The newest messages that are enough, or all messages.
CREATE FUNCTION otp.newest(asked otp.asked_tally, OUT sent int, OUT verified int, OUT oldest bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  SELECT coalesce(sum(each.sent), 0), coalesce(sum(each.verified), 0), min(each.at)
  INTO newest.sent, newest.verified, newest.oldest
  FROM (
    SELECT t.at, t.sent, t.verified, sum(t.sent) OVER (ORDER BY t.at DESC) - t.sent AS newer
    FROM otp.tallied AS t
    WHERE t.key = asked.key AND t.at <= asked.until AND t.at > asked.until - 86400
      AND t.expires_at > clock_timestamp()
  ) AS each
  WHERE each.newer < asked.enough;
END $$;

CREATE FUNCTION otp.open(asked jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  new otp.asked_record := jsonb_populate_record(NULL::otp.asked_record, asked -> 'record');
  fewer jsonb := new."fewerGuesses";
  refusal json;
  moment timestamptz;
  newest record;
  tallied json[] := '{}';
BEGIN
  PERFORM otp.lock_keys(asked -> 'limits');
  IF NOT EXISTS (SELECT FROM otp.verification AS v WHERE v.id = new.id) THEN
    refusal := otp.charge_limits(asked -> 'limits');
    IF refusal IS NOT NULL THEN
      RETURN refusal;
    END IF;
    moment := clock_timestamp();
    INSERT INTO otp.verification
      (id, sealed, binding, opened_at, expires_at, max_guesses, max_sends, gaps_seconds, next_send_at)
    VALUES (
      new.id,
      new.sealed,
      new.binding,
      moment,
      moment + make_interval(secs => new."ttlSeconds"),
      coalesce(
        (
          SELECT (fewer -> 'maxGuesses')::int FROM otp.counter AS c
          WHERE c.key = fewer ->> 'key' AND c.share = ''
            AND c.window_ends[1] > moment AND c.counts[1] >= (fewer -> 'from')::int
        ),
        new."maxGuesses"
      ),
      new."maxSends",
      new."gapsSeconds",
      moment + otp.gap_after(new."gapsSeconds", 1)
    )
    -- Another call with this id and without limits. Above READ COMMITTED, where the snapshot may be older than the locks,
    -- the statement fails and is repeated.
    ON CONFLICT (id) DO NOTHING;
  END IF;
  FOR n IN 0 .. jsonb_array_length(asked -> 'tallies') - 1 LOOP
    newest := otp.newest(jsonb_populate_record(NULL::otp.asked_tally, asked -> 'tallies' -> n));
    tallied[n] := json_build_object('sent', newest.sent, 'verified', newest.verified);
  END LOOP;
  RETURN json_build_object('ok', true, 'tallied', tallied);
END $$;

CREATE FUNCTION otp.read(asked jsonb) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  found_one otp.verification;
  moment timestamptz := clock_timestamp();
BEGIN
  SELECT * INTO found_one FROM otp.verification AS v WHERE v.id = asked ->> 'id';
  IF NOT otp.is_open(found_one, moment) THEN
    RETURN NULL;
  END IF;
  RETURN json_build_object(
    'sealed', found_one.sealed,
    'channel', found_one.channel,
    'guessesLeft', found_one.max_guesses - cardinality(found_one.guess_ops),
    'sendsLeft', found_one.max_sends - 1 - cardinality(found_one.send_numbers),
    'nextSendMs', greatest(0, extract(epoch FROM found_one.next_send_at - moment) * 1000)
  );
END $$;

CREATE FUNCTION otp.reserve_check(asked jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  op text := asked ->> 'op';
  found_one otp.verification;
  moment timestamptz;
  guess int;
  refusal json;
BEGIN
  PERFORM otp.lock_keys(asked -> 'limits');
  UPDATE otp.verification AS v SET guess_ops = v.guess_ops || op
  WHERE v.id = asked ->> 'id'
    AND otp.is_open(v, clock_timestamp())
    AND v.binding IS NOT DISTINCT FROM asked ->> 'binding'
    AND op <> ALL (v.guess_ops)
  RETURNING v.* INTO found_one;
  IF NOT FOUND THEN
    -- Only a repeated op or another binding can find it open here; every other reason is final.
    SELECT * INTO found_one FROM otp.verification AS v WHERE v.id = asked ->> 'id';
  END IF;
  moment := clock_timestamp();
  guess := array_position(found_one.guess_ops, op);
  IF found_one.id IS NULL
    OR found_one.expires_at <= moment
    OR found_one.claimed_by IS NOT NULL
    OR (guess IS NULL AND cardinality(found_one.guess_ops) >= found_one.max_guesses)
  THEN
    RETURN otp.failure('gone');
  ELSIF found_one.binding IS DISTINCT FROM asked ->> 'binding' THEN
    RETURN otp.failure('mismatch');
  ELSIF guess IS NULL THEN
    -- The verification was opened between the two statements.
    RETURN otp.failure('gone');
  END IF;
  refusal := otp.charge_limits(asked -> 'limits');
  RETURN coalesce(refusal, json_build_object(
    'ok', true,
    'record', otp.open_record(found_one),
    'guessesLeft', found_one.max_guesses - guess
  ));
END $$;

CREATE FUNCTION otp.reserve_send(asked jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  op text := asked ->> 'op';
  found_one otp.verification;
  moment timestamptz;
  sends int;
  number int;
  refusal json;
BEGIN
  PERFORM otp.lock_keys(asked -> 'limits');
  SELECT * INTO found_one FROM otp.verification AS v WHERE v.id = asked ->> 'id' FOR UPDATE;
  moment := clock_timestamp();
  IF NOT otp.is_open(found_one, moment) THEN
    RETURN otp.failure('gone');
  END IF;
  number := found_one.send_numbers[array_position(found_one.send_ops, op)];
  IF number IS NULL THEN
    sends := 1 + cardinality(found_one.send_numbers);
    IF sends >= found_one.max_sends THEN
      RETURN otp.refusal('sends', found_one.expires_at - moment);
    ELSIF found_one.next_send_at > moment THEN
      RETURN otp.refusal('interval', found_one.next_send_at - moment);
    END IF;
    refusal := otp.charge_limits(asked -> 'limits');
    IF refusal IS NOT NULL THEN
      RETURN refusal;
    END IF;
    number := found_one.last_send + 1;
    UPDATE otp.verification AS v SET
      last_send = number,
      send_ops = v.send_ops || op,
      send_numbers = v.send_numbers || number,
      next_send_at = moment + otp.gap_after(v.gaps_seconds, sends + 1)
    WHERE v.id = found_one.id;
  END IF;
  RETURN json_build_object('ok', true, 'record', otp.open_record(found_one), 'send', number);
END $$;

CREATE FUNCTION otp.record_send(asked jsonb) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  tally otp.asked_tally;
  found record;
BEGIN
  PERFORM otp.lock_keys(asked -> 'tallies');
  IF asked ? 'channel' THEN
    UPDATE otp.verification AS v SET channel = asked ->> 'channel'
    WHERE v.id = asked ->> 'id' AND v.last_send = (asked -> 'send')::int;
  END IF;
  FOR n IN 0 .. jsonb_array_length(asked -> 'tallies') - 1 LOOP
    tally := jsonb_populate_record(NULL::otp.asked_tally, asked -> 'tallies' -> n);
    INSERT INTO otp.tallied AS t (key, at, expires_at)
    VALUES (tally.key, tally.at, clock_timestamp() + interval '1 day')
    ON CONFLICT (key, at) DO UPDATE SET sent = t.sent + 1;
    found := otp.newest(tally);
    IF found.sent >= tally.enough THEN
      DELETE FROM otp.tallied AS t WHERE t.key = tally.key AND t.at < found.oldest;
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION otp.cancel(asked jsonb) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  number int := (asked -> 'send')::int;
BEGIN
  PERFORM otp.lock_keys(asked -> 'refunds');
  IF number = 1 THEN
    DELETE FROM otp.verification AS v WHERE v.id = asked ->> 'id' AND v.last_send = 1;
  ELSE
    UPDATE otp.verification AS v SET
      send_ops = trim_array(v.send_ops, 1),
      send_numbers = trim_array(v.send_numbers, 1),
      -- The send was allowed at its time, and nothing has been sent since.
      next_send_at = clock_timestamp()
    WHERE v.id = asked ->> 'id'
      AND v.last_send = number
      AND v.send_numbers[cardinality(v.send_numbers)] = number;
  END IF;
  IF FOUND THEN
    PERFORM otp.give_back(asked -> 'refunds', 'cancel');
  END IF;
END $$;

CREATE FUNCTION otp.complete(asked jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  asked_id text := asked ->> 'id';
  op text := asked ->> 'op';
  opened_at timestamptz;
  reset otp.asked_limit;
  tally otp.asked_tally;
BEGIN
  PERFORM otp.lock_keys(
    (asked -> 'token') || (asked -> 'guess') || (asked -> 'create') || (asked -> 'reset') || (asked -> 'tallies'));
  UPDATE otp.verification AS v SET claimed_by = op
  WHERE v.id = asked_id AND v.expires_at > clock_timestamp() AND v.claimed_by IS NULL
  RETURNING v.opened_at INTO opened_at;
  IF NOT FOUND THEN
    IF EXISTS (
      SELECT FROM otp.verification AS v
      WHERE v.id = asked_id AND v.expires_at > clock_timestamp() AND v.claimed_by = op
    ) THEN
      RETURN json_build_object('ok', true);
    END IF;
    RETURN otp.failure('gone');
  END IF;
  IF otp.charge_limits(asked -> 'token') IS NOT NULL THEN
    UPDATE otp.verification AS v SET claimed_by = NULL WHERE v.id = asked_id;
    RETURN otp.failure('token_used');
  END IF;
  PERFORM otp.give_back(asked -> 'guess', 'guess');
  PERFORM otp.give_back(asked -> 'create', 'create', opened_at);
  FOR n IN 0 .. jsonb_array_length(asked -> 'reset') - 1 LOOP
    reset := jsonb_populate_record(NULL::otp.asked_limit, asked -> 'reset' -> n);
    DELETE FROM otp.counter AS c WHERE c.key = reset.key AND c.share = coalesce(reset.share, '');
  END LOOP;
  FOR n IN 0 .. jsonb_array_length(asked -> 'tallies') - 1 LOOP
    tally := jsonb_populate_record(NULL::otp.asked_tally, asked -> 'tallies' -> n);
    UPDATE otp.tallied AS t SET verified = least(t.sent, t.verified + 1)
    WHERE t.key = tally.key AND t.at = tally.at;
  END LOOP;
  RETURN json_build_object('ok', true);
END $$;

CREATE FUNCTION otp.charge(asked jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
  PERFORM otp.lock_keys(asked -> 'limits');
  RETURN coalesce(otp.charge_limits(asked -> 'limits'), json_build_object('ok', true));
END $$;

CREATE FUNCTION otp.reset(asked jsonb) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  keys text[] := ARRAY(SELECT item ->> 'key' FROM jsonb_array_elements(asked -> 'counters') AS item);
BEGIN
  PERFORM otp.lock_keys(asked -> 'counters');
  DELETE FROM otp.counter AS c WHERE c.key = ANY (keys);
  DELETE FROM otp.tallied AS t WHERE t.key = ANY (keys);
END $$;

-- Returns the version of the tables, and what the role may not do with them. Fails on a standby.
CREATE FUNCTION otp.ping(asked jsonb) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
  missing text[] := ARRAY(
    SELECT privilege || ' ON ' || name
    FROM unnest('{otp.verification,otp.counter,otp.tallied,otp.migration}'::text[]) AS name,
      unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS privilege
    WHERE (name <> 'otp.migration' OR privilege = 'SELECT') AND NOT has_table_privilege(name, privilege)
    UNION ALL
    SELECT 'EXECUTE ON FUNCTION ' || p.oid::regprocedure FROM pg_proc AS p
    WHERE p.pronamespace = 'otp'::regnamespace AND NOT has_function_privilege(p.oid, 'EXECUTE')
  );
  done int;
BEGIN
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE read_only_sql_transaction USING MESSAGE = 'the server is read-only';
  END IF;
  IF missing = '{}' THEN
    SELECT max(version) INTO done FROM otp.migration;
  END IF;
  RETURN json_build_object('version', done, 'missing', missing);
END $$;

-- Removes at most `batch` expired rows of each table and returns how many it removed. Waits for no lock.
CREATE FUNCTION otp.clean_up(batch int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  name text;
  removed int;
  total int := 0;
BEGIN
  FOREACH name IN ARRAY '{otp.verification,otp.counter,otp.tallied}'::text[] LOOP
    EXECUTE 'DELETE FROM ' || name || ' WHERE ctid = ANY (ARRAY(SELECT e.ctid FROM ' || name || ' AS e
      WHERE e.expires_at <= now() ORDER BY e.expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))' USING batch;
    GET DIAGNOSTICS removed = ROW_COUNT;
    total := total + removed;
  END LOOP;
  RETURN total;
END $$;

INSERT INTO otp.migration (version) VALUES (1);
