using System.Text;

namespace AiOs.Local.Durable.Storage;

/// <summary>What is read of entities outside the writer.</summary>
static class EntityQueries
{
    const string Columns = "key, id, state, locked_by, updated";

    public static EntityRow? Entity(Sqlite database, long key) => One(database.Prepare($"SELECT {Columns} FROM entities WHERE key=?").Bind(key));

    public static EntityRow? Entity(Sqlite database, string id) => One(database.Prepare($"SELECT {Columns} FROM entities WHERE id=?").Bind(id));

    static EntityRow? One(Statement row)
    {
        try
        {
            return row.Step() ? Read(row) : null;
        }
        finally
        {
            row.Reset();
        }
    }

    static EntityRow Read(Statement row) => new(row.Int64(0), row.Text(1), row.TextOrNull(2), row.TextOrNull(3), row.Int64(4));

    /// <summary>Messages that wait for an entity and are not for later.</summary>
    public static int Backlog(Sqlite database, long key)
    {
        var count = database.Prepare("SELECT count(*) FROM inbox WHERE target=? AND due IS NULL").Bind(key);
        try
        {
            return count.Step() ? count.Int32(0) : 0;
        }
        finally
        {
            count.Reset();
        }
    }

    /// <summary>One page of entities by key; transient ones, which have no state, only when asked for.</summary>
    public static List<EntityRow> Page(Sqlite database, string? prefix, long? from, long? to, bool transient, long after, int size)
    {
        var sql = new StringBuilder($"SELECT {Columns} FROM entities WHERE key>?");
        if (prefix is not null)
            sql.Append(" AND substr(id, 1, length(?))=?");
        if (from is not null)
            sql.Append(" AND updated>=?");
        if (to is not null)
            sql.Append(" AND updated<=?");
        if (!transient)
            sql.Append(" AND state IS NOT NULL");
        sql.Append(" ORDER BY key LIMIT ?");
        var rows = database.Prepare(sql.ToString()).Bind(after);
        if (prefix is not null)
            rows.Bind(prefix).Bind(prefix);
        if (from is { } first)
            rows.Bind(first);
        if (to is { } last)
            rows.Bind(last);
        rows.Bind(size);
        var page = new List<EntityRow>();
        while (rows.Step())
            page.Add(Read(rows));
        rows.Reset();
        return page;
    }
}
