"""What the store's file looks like, and how an older one becomes a newer one."""

# "Shlf": tells our files from those of other programs that use SQLite.
APPLICATION_ID = 0x53686C66

# Values are JSON of the forms that `rows` reads and writes; what is a column is looked up, sorted
# or changed by itself. Instants are UTC in ISO form with microseconds, so that they sort as text.
_FIRST = """
-- The entries of a library as they were last read. The position is the order of first sight.
CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    library TEXT NOT NULL,
    key TEXT NOT NULL,              -- the reference manager's own name for it
    version TEXT NOT NULL,          -- the entry's own, as the reference manager gave it
    kind TEXT NOT NULL CHECK (kind IN ('item', 'other', 'unreadable')),
    payload TEXT NOT NULL,
    UNIQUE (library, key)
);

-- All of a library's collections, in its own order; replaced as a whole.
CREATE TABLE collections (
    library TEXT NOT NULL,
    position INTEGER NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (library, position)
) WITHOUT ROWID;

-- How far we have read: a library's version, a source's watermark. A cursor is written in the
-- transaction that writes what it covers.
CREATE TABLE cursors (
    reads TEXT NOT NULL CHECK (reads IN ('library', 'source')),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (reads, name)
) WITHOUT ROWID;

-- Every paper that was listed, once, with the best metadata that was listed of it.
CREATE TABLE papers (
    paper_id INTEGER PRIMARY KEY,
    payload TEXT NOT NULL,
    first_seen_at TEXT NOT NULL
);

-- What a listed paper goes by; papers that share a name are one.
CREATE TABLE names (
    name TEXT PRIMARY KEY,
    paper_id INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX names_by_paper ON names (paper_id);

-- Where it was listed: one place on a page.
CREATE TABLE listed (
    paper_id INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    source TEXT NOT NULL,
    listing TEXT NOT NULL,
    position INTEGER NOT NULL,
    votes INTEGER,                  -- NULL where the source does not count
    PRIMARY KEY (paper_id, source, listing)
) WITHOUT ROWID;

-- What was chosen for a profile, and what became of it. Nothing is ever removed from here.
CREATE TABLE suggestions (
    suggestion_id TEXT PRIMARY KEY,
    profile TEXT NOT NULL,
    payload TEXT NOT NULL,          -- the suggestion, without the columns
    rank INTEGER NOT NULL,
    suggested_at TEXT NOT NULL,
    state TEXT NOT NULL,
    state_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX suggestions_in_order ON suggestions (profile, suggested_at, rank);

-- What a suggested paper goes by.
CREATE TABLE suggested_names (
    suggestion_id TEXT NOT NULL REFERENCES suggestions,
    name TEXT NOT NULL,
    PRIMARY KEY (suggestion_id, name)
) WITHOUT ROWID;

-- What is to be delivered by whom; written with the suggestion, settled by the receipt.
CREATE TABLE outbox (
    suggestion_id TEXT NOT NULL REFERENCES suggestions,
    publisher TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    last_failure TEXT NOT NULL DEFAULT '',
    changed_at TEXT NOT NULL,
    PRIMARY KEY (suggestion_id, publisher)
) WITHOUT ROWID;
CREATE INDEX undelivered ON outbox (publisher) WHERE state <> 'delivered';

-- What each cycle did.
CREATE TABLE cycles (
    profile TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (profile, started_at)
) WITHOUT ROWID;
"""

# A name may be several papers' (a volume's DOI), so every version of a paper is kept: only they
# tell which papers are one. What is suggested is told by its paper.
_SECOND = """
UPDATE papers SET payload = '[' || payload || ']';

CREATE TABLE new_names (
    name TEXT NOT NULL,
    paper_id INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    PRIMARY KEY (name, paper_id)
) WITHOUT ROWID;
INSERT INTO new_names SELECT name, paper_id FROM names;
DROP TABLE names;
ALTER TABLE new_names RENAME TO names;
CREATE INDEX names_by_paper ON names (paper_id);

DROP TABLE suggested_names;
"""

# What was delivered can be taken away again; the library shows what became of it.
_THIRD = """
CREATE TABLE new_outbox (
    suggestion_id TEXT NOT NULL REFERENCES suggestions,
    publisher TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('pending', 'failed', 'delivered', 'retiring', 'retired', 'touched')
    ),
    attempts INTEGER NOT NULL DEFAULT 0,
    last_failure TEXT NOT NULL DEFAULT '',
    changed_at TEXT NOT NULL,
    delivered_at TEXT,              -- stays what it is whatever comes later
    place TEXT NOT NULL DEFAULT '', -- the library's key of the item that was made of it
    shelf TEXT NOT NULL DEFAULT '', -- that of the collection that it was put into
    memo TEXT NOT NULL DEFAULT '',  -- the publisher's own
    PRIMARY KEY (suggestion_id, publisher)
) WITHOUT ROWID;
INSERT INTO new_outbox
    (suggestion_id, publisher, state, attempts, last_failure, changed_at, delivered_at)
SELECT suggestion_id, publisher, state, attempts, last_failure, changed_at,
    CASE state WHEN 'delivered' THEN changed_at END
FROM outbox;
DROP TABLE outbox;
ALTER TABLE new_outbox RENAME TO outbox;
CREATE INDEX undelivered ON outbox (publisher) WHERE state IN ('pending', 'failed');

-- Whether an item that was made of it was ever seen in the library.
ALTER TABLE suggestions ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
-- What the reader said outright, and when.
ALTER TABLE suggestions ADD COLUMN verdict TEXT;
ALTER TABLE suggestions ADD COLUMN verdict_at TEXT;

-- What adapters keep between runs.
CREATE TABLE memory (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (owner, name)
) WITHOUT ROWID;
"""

# What the model keeps, so that a run costs what is new. All but the weights can be made again.
_FOURTH = """
-- The terms of a text, by a digest of it and the version of the code that counted them.
CREATE TABLE counts (
    version INTEGER NOT NULL,
    content BLOB NOT NULL,
    used_at TEXT NOT NULL,          -- the day alone, so that a row is marked once a day at most
    payload BLOB NOT NULL,
    PRIMARY KEY (version, content)  -- with a rowid: rows of this size would overflow an index
);

-- What an encoder made of a text, by the encoder's name and a digest of the text.
CREATE TABLE meanings (
    encoder TEXT NOT NULL,
    content BLOB NOT NULL,
    used_at TEXT NOT NULL,          -- the day alone
    vector BLOB NOT NULL,
    PRIMARY KEY (encoder, content)
);

-- The model that was fitted last for a profile. The payload comes last: it is read past otherwise.
CREATE TABLE models (
    profile TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    made_at TEXT NOT NULL,
    payload BLOB NOT NULL
);

-- What that model says of listed papers; a row goes with its paper and with its model.
CREATE TABLE scores (
    paper_id INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    profile TEXT NOT NULL REFERENCES models ON DELETE CASCADE,
    score REAL,                     -- NULL where the model has no opinion
    interest INTEGER NOT NULL,
    PRIMARY KEY (paper_id, profile)
) WITHOUT ROWID;

-- The scores that count: of the model that is asked for, and no row that is damaged.
CREATE VIEW current_scores AS
SELECT profile, fingerprint, paper_id, score, interest FROM scores JOIN models USING (profile)
WHERE typeof(score) IN ('real', 'null') AND typeof(interest) = 'integer';

-- The parts' weights that replay found best for a profile.
CREATE TABLE weights (
    profile TEXT PRIMARY KEY,
    tuned_at TEXT NOT NULL,
    payload TEXT NOT NULL
) WITHOUT ROWID;
"""

# What a source's pages are known by, so that one that stayed the same is not read again.
_FIFTH = """
CREATE TABLE marks (
    source TEXT NOT NULL,
    listing TEXT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (source, listing)
) WITHOUT ROWID;
"""

# When a listed paper was last on a page, and whether what was suggested is as it was written.
_SIXTH = """
-- When the paper was last on that page as it was read; empty where that was not written down.
ALTER TABLE listed ADD COLUMN seen_at TEXT NOT NULL DEFAULT '';
CREATE INDEX papers_by_age ON papers (first_seen_at);

-- When the page last came with its papers, and when it last came at all.
ALTER TABLE marks ADD COLUMN read_at TEXT NOT NULL DEFAULT '';
ALTER TABLE marks ADD COLUMN seen_at TEXT NOT NULL DEFAULT '';
UPDATE marks SET seen_at = coalesce((SELECT max(started_at) FROM cycles), '');

-- SQLite does not notice a changed letter; what tells what was suggested must not change unnoticed.
ALTER TABLE suggestions ADD COLUMN seal INTEGER;
UPDATE suggestions SET seal = seal_of(suggestion_id, profile, payload);
"""

# What channels were given, what the reader made of the interests, and who said what of a paper.
_SEVENTH = """
-- An edition is written down before it is sent; while nobody knows whether it was taken, it is sent
-- again as it is.
CREATE TABLE editions (
    profile TEXT NOT NULL,
    channel TEXT NOT NULL,
    edition_id TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('begun', 'sent')),
    is_regular INTEGER NOT NULL,    -- 0 where it tells alarms alone
    payload TEXT NOT NULL,          -- what it says, without the suggestions
    PRIMARY KEY (profile, channel, edition_id)
) WITHOUT ROWID;
CREATE TABLE told (
    profile TEXT NOT NULL,
    channel TEXT NOT NULL,
    suggestion_id TEXT NOT NULL REFERENCES suggestions,
    edition_id TEXT NOT NULL,
    PRIMARY KEY (profile, channel, suggestion_id)
) WITHOUT ROWID;

-- An interest that the reader gave a name or a weight; it is found again by the papers that were
-- its own then.
CREATE TABLE interests (
    profile TEXT NOT NULL,
    called TEXT NOT NULL,
    keys TEXT NOT NULL,             -- JSON: the library's keys of its most typical papers
    factor REAL NOT NULL,           -- 1 as ever, 0 muted
    changed_at TEXT NOT NULL,
    PRIMARY KEY (profile, called)
) WITHOUT ROWID;

-- What a model said of a paper in a sentence.
CREATE TABLE summaries (
    model TEXT NOT NULL,
    language TEXT NOT NULL,
    content TEXT NOT NULL,          -- a digest of the paper's text
    made_at TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (model, language, content)
) WITHOUT ROWID;
"""

# Who put a paper on a page.
_EIGHTH = """
-- Empty where nobody is named.
ALTER TABLE listed ADD COLUMN curator TEXT NOT NULL DEFAULT '';
"""

# What was suggested is looked at again, years of it.
_NINTH = """
-- By what a suggestion is found: its words without case and accents. Apart, so that looking for
-- them does not read all the rest.
CREATE TABLE searched (
    suggestion_id TEXT NOT NULL UNIQUE REFERENCES suggestions,
    words TEXT NOT NULL
);
INSERT INTO searched SELECT suggestion_id, searched_of(payload) FROM suggestions;
CREATE INDEX archive_in_order
    ON suggestions (profile, suggested_at DESC, rank, suggestion_id, state, verdict);
"""

# A released migration is never edited: there are files that it has made already.
MIGRATIONS = {
    1: _FIRST,
    2: _SECOND,
    3: _THIRD,
    4: _FOURTH,
    5: _FIFTH,
    6: _SIXTH,
    7: _SEVENTH,
    8: _EIGHTH,
    9: _NINTH,
}
NEWEST = max(MIGRATIONS)
