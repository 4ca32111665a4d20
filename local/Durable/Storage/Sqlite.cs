using System.Globalization;
using SQLitePCL;

namespace AiOs.Local.Durable.Storage;

/// <summary>One SQLite connection. Not thread-safe: each has one user at a time. Prepared statements are kept.</summary>
sealed class Sqlite : IDisposable
{
    readonly Dictionary<string, Statement> statements = new(StringComparer.Ordinal);
    readonly sqlite3 connection;
    readonly string path;
    int patience;

    static Sqlite() => Batteries_V2.Init();

    Sqlite(sqlite3 connection, string path)
    {
        this.connection = connection;
        this.path = path;
    }

    /// <summary>Opens the file, or a database in memory for <c>:memory:</c>.</summary>
    /// <exception cref="DurableStoreException">The file cannot be opened.</exception>
    public static Sqlite Open(string path, bool readOnly)
    {
        var flags = (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE) | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var connection, flags, null);
        var opened = new Sqlite(connection, path);
        if (code != raw.SQLITE_OK)
        {
            var failure = opened.Failure(code);
            opened.Dispose();
            throw failure;
        }
        raw.sqlite3_extended_result_codes(connection, 1);
        opened.SetPatience(TimeSpan.FromSeconds(5));
        return opened;
    }

    /// <summary>How long a statement waits for another program's lock.</summary>
    public void SetPatience(TimeSpan patience)
    {
        this.patience = (int)patience.TotalMilliseconds;
        Waits = true;
    }

    /// <summary>Whether statements wait for another program's lock as long as patience lasts, or fail at once.</summary>
    public bool Waits
    {
        set => raw.sqlite3_busy_timeout(connection, value ? patience : 0);
    }

    /// <summary>The prepared statement for <paramref name="sql"/>, ready to be bound.</summary>
    public Statement Prepare(string sql)
    {
        if (statements.TryGetValue(sql, out var known))
            return known;
        Check(raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out var prepared));
        return statements[sql] = new Statement(this, prepared);
    }

    /// <summary>Runs one or more statements without parameters.</summary>
    public void Run(string sql) => Check(raw.sqlite3_exec(connection, sql));

    /// <summary>The first column of the first row, as a number.</summary>
    public long Number(string sql)
    {
        var statement = Prepare(sql);
        try
        {
            return statement.Step() ? statement.Int64(0) : 0;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Undoes the open transaction, if there is one, and readies every statement that stopped half-way.</summary>
    public void Rollback()
    {
        foreach (var statement in statements.Values)
            statement.Reset();
        if (raw.sqlite3_get_autocommit(connection) == 0)
            raw.sqlite3_exec(connection, "ROLLBACK");
    }

    internal void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw Failure(code);
    }

    DurableStoreException Failure(int code)
    {
        var text = raw.sqlite3_errmsg(connection).utf8_to_string();
        return (code & 0xff) switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new(StoreFault.Busy, $"Another program holds '{path}' locked ({text}). Close it; the engine tries again."),
            raw.SQLITE_FULL => new(StoreFault.Full, $"No room to write '{path}' ({text}). Free disk space; the engine tries again and has lost nothing."),
            raw.SQLITE_IOERR or raw.SQLITE_READONLY => new(StoreFault.Disk, $"'{path}' cannot be written ({text}). The engine tries again; check the disk and its permissions."),
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new(StoreFault.Corrupt, $"'{path}' is damaged or no database ({text}). Restore it from a copy; the engine will not guess."),
            raw.SQLITE_CANTOPEN => new(StoreFault.Disk, $"'{path}' cannot be opened ({text}). Check that its folder exists and may be written."),
            _ => new(StoreFault.Other, string.Create(CultureInfo.InvariantCulture, $"SQLite refused a statement on '{path}' ({code}: {text}).")),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in statements.Values)
            statement.Dispose();
        statements.Clear();
        raw.sqlite3_close_v2(connection);
        connection.Dispose();
    }
}
