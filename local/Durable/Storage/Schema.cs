using System.Globalization;

namespace AiOs.Local.Durable.Storage;

/// <summary>The tables of the engine's file. docs/engine.md draws them.</summary>
static class Schema
{
    /// <summary>Rises when the tables change; a file of a higher version is refused.</summary>
    public const int Version = 3;

    /// <summary>Since this version there is a log beside the file; it alone has other digests in it (<see cref="RecordChain"/>).</summary>
    public const int WithShaLog = 2;

    // "AiOs" in the file's header, so that no foreign database is taken for ours.
    const int ApplicationId = 0x41694F73;

    /// <summary>A history row or a task of an instance: instance key and number in one integer, so that one instance's rows lie side by side in one tree.</summary>
    public static long Row(long instance, long number) => (instance << 24) | number;

    /// <summary>How many rows or tasks one execution of an instance can have.</summary>
    public const long MaxNumber = (1L << 24) - 1;

    /// <summary>Whether a key is an entity's: theirs are odd.</summary>
    public static bool IsEntity(long key) => (key & 1) == 1;

    public static long InstanceOf(long row) => row >> 24;

    public static int NumberOf(long row) => (int)(row & MaxNumber);

    /// <summary>Creates the tables, or checks that they are ours and not newer. Those with a log beside them keep their version until that is read (<see cref="Transactions.Recover"/>).</summary>
    /// <exception cref="DurableStoreException">The file belongs to something else or to a newer engine.</exception>
    public static void Prepare(Sqlite database, string path)
    {
        var version = Check(database, path);
        if (version < WithShaLog)
            database.Run(string.Create(CultureInfo.InvariantCulture,
                $"BEGIN IMMEDIATE; {(version == 0 ? Tables : "")} {RedoTable} PRAGMA application_id={ApplicationId}; PRAGMA user_version={Version}; COMMIT;"));
    }

    /// <summary>The file's id, and the number of the last record of its log that the tables hold.</summary>
    public static (byte[] Id, long Applied) Redo(Sqlite database)
    {
        var row = database.Prepare("SELECT id, applied FROM redo");
        try
        {
            return row.Step() ? (row.Bytes(0), row.Int64(1)) : throw new DurableStoreException(StoreFault.Corrupt, "The file does not say which log belongs to it. Restore it from a copy.");
        }
        finally
        {
            row.Reset();
        }
    }

    /// <summary>Notes that the log is one of this version from now on.</summary>
    public static void SetVersion(Sqlite database) => database.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={Version}"));

    /// <summary>Notes that the tables hold the log up to this number.</summary>
    public static void SetApplied(Sqlite database, long number) => database.Prepare("UPDATE redo SET applied=?").Bind(number).Run();

    /// <summary>The version of the file.</summary>
    public static long VersionOf(Sqlite database) => database.Number("PRAGMA user_version");

    /// <summary>Checks that the tables are ours and not newer, and returns their version: 0 when there are none yet.</summary>
    /// <exception cref="DurableStoreException">The file belongs to something else or to a newer engine.</exception>
    public static long Check(Sqlite database, string path)
    {
        var version = VersionOf(database);
        if (version > Version)
            throw new DurableStoreException(StoreFault.Newer, string.Create(CultureInfo.InvariantCulture,
                $"'{path}' was written by a newer engine (version {version}, this one knows {Version}). Start that engine, or use another data folder."));
        if (version == 0 && database.Number("SELECT count(*) FROM sqlite_master") > 0)
            throw new DurableStoreException(StoreFault.Other, $"'{path}' is a database of something else. Name another file for the engine.");
        return version;
    }

    // Since version 2: an older engine would not know of the log, and take up the file without what is in there.
    const string RedoTable = "CREATE TABLE redo(id BLOB NOT NULL, applied INTEGER NOT NULL); INSERT INTO redo VALUES(randomblob(16), 0);";

    // Times are UTC ticks (100 ns). `number` in history counts transitions, in tasks it is the task id.
    const string Tables = """
        CREATE TABLE instances(
          key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version TEXT NOT NULL, status INTEGER NOT NULL,
          created INTEGER NOT NULL, completed INTEGER, generation INTEGER NOT NULL,
          parent INTEGER, parent_task INTEGER, parent_id TEXT, parent_name TEXT,
          tags TEXT, custom_status TEXT, failure TEXT, input TEXT, output TEXT);
        CREATE INDEX instances_by_parent ON instances(parent) WHERE parent IS NOT NULL;
        CREATE TABLE history(row INTEGER PRIMARY KEY, at INTEGER NOT NULL, events BLOB NOT NULL);
        CREATE TABLE tasks(row INTEGER PRIMARY KEY);
        CREATE TABLE timers(due INTEGER NOT NULL, instance INTEGER NOT NULL, task INTEGER NOT NULL, PRIMARY KEY(due, instance, task)) WITHOUT ROWID;
        CREATE TABLE inbox(target INTEGER NOT NULL, number INTEGER NOT NULL, due INTEGER, message BLOB NOT NULL, PRIMARY KEY(target, number)) WITHOUT ROWID;
        CREATE INDEX inbox_by_due ON inbox(due) WHERE due IS NOT NULL;
        CREATE TABLE entities(key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT, locked_by TEXT, updated INTEGER NOT NULL);
        """;
}
