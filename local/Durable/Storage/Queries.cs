using System.Text;
using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Storage;

/// <summary>What is read outside the writer.</summary>
static class Queries
{
    public static InstanceRow? Instance(Sqlite database, long key) => Tables.One(database.Prepare($"SELECT {Tables.Columns} FROM instances WHERE key=?").Bind(key));

    public static InstanceRow? Instance(Sqlite database, string id) => Tables.One(database.Prepare($"SELECT {Tables.Columns} FROM instances WHERE id=?").Bind(id));

    /// <summary>The transitions of an instance's execution, oldest first.</summary>
    public static List<(long At, HistoryBatch Batch)> History(Sqlite database, long key)
    {
        var history = new List<(long, HistoryBatch)>();
        var rows = database.Prepare("SELECT at, events FROM history WHERE row BETWEEN ? AND ? ORDER BY row")
            .Bind(Schema.Row(key, 0)).Bind(Schema.Row(key, Schema.MaxNumber));
        while (rows.Step())
            history.Add((rows.Int64(0), HistoryCodec.Batch(rows.Bytes(1))));
        rows.Reset();
        return history;
    }

    /// <summary>The ids of an instance's sub-orchestrations that are still stored.</summary>
    public static List<string> Children(Sqlite database, long parent)
    {
        var ids = new List<string>();
        var rows = database.Prepare("SELECT id FROM instances WHERE parent=? ORDER BY key").Bind(parent);
        while (rows.Step())
            ids.Add(rows.Text(0));
        rows.Reset();
        return ids;
    }

    /// <summary>When an instance last changed: its newest transition, or its creation.</summary>
    public static long LastChange(Sqlite database, InstanceRow row)
    {
        var newest = database.Prepare("SELECT at FROM history WHERE row BETWEEN ? AND ? ORDER BY row DESC LIMIT 1")
            .Bind(Schema.Row(row.Key, 0)).Bind(Schema.Row(row.Key, Schema.MaxNumber));
        try
        {
            return newest.Step() ? newest.Int64(0) : row.Created;
        }
        finally
        {
            newest.Reset();
        }
    }

    /// <summary>The messages that wait for an instance or entity and are not for later.</summary>
    public static List<InboxRow> Inbox(Sqlite database, long target)
    {
        var inbox = new List<InboxRow>();
        var rows = database.Prepare("SELECT number, message FROM inbox WHERE target=? AND due IS NULL ORDER BY number").Bind(target);
        while (rows.Step())
            inbox.Add(new(rows.Int64(0), rows.Bytes(1)));
        rows.Reset();
        return inbox;
    }

    public static InboxRow? Message(Sqlite database, long target, long number)
    {
        var row = database.Prepare("SELECT message FROM inbox WHERE target=? AND number=?").Bind(target).Bind(number);
        try
        {
            return row.Step() ? new(number, row.Bytes(0)) : null;
        }
        finally
        {
            row.Reset();
        }
    }

    /// <summary>Who has messages that are not for later.</summary>
    public static List<long> Addressees(Sqlite database) => Numbers(database.Prepare("SELECT DISTINCT target FROM inbox WHERE due IS NULL"));

    /// <summary>Activities that have not answered, as history rows.</summary>
    public static List<long> Tasks(Sqlite database) => Numbers(database.Prepare("SELECT row FROM tasks ORDER BY row"));

    /// <summary>Timers and messages for later that fall due from the first instant on and before the second.</summary>
    public static List<Timers.Alarm> Alarms(Sqlite database, long from, long until)
    {
        var found = new List<Timers.Alarm>();
        var timers = database.Prepare("SELECT due, instance, task FROM timers WHERE due>=? AND due<?").Bind(from).Bind(until);
        while (timers.Step())
            found.Add(Timers.Alarm.ForTask(timers.Int64(0), timers.Int64(1), timers.Int32(2)));
        timers.Reset();
        var messages = database.Prepare("SELECT due, target, number FROM inbox WHERE due IS NOT NULL AND due>=? AND due<?").Bind(from).Bind(until);
        while (messages.Step())
            found.Add(Timers.Alarm.ForMessage(messages.Int64(0), messages.Int64(1), messages.Int64(2)));
        messages.Reset();
        return found;
    }

    static List<long> Numbers(Statement rows)
    {
        var found = new List<long>();
        while (rows.Step())
            found.Add(rows.Int64(0));
        rows.Reset();
        return found;
    }

    /// <summary>One page of instances in the order of their creation, after the one of key <paramref name="after"/>.</summary>
    public static List<InstanceRow> Page(Sqlite database, InstanceFilter filter, long after, int size)
    {
        var sql = new StringBuilder($"SELECT {Tables.Columns} FROM instances WHERE key>?");
        if (filter.CreatedFrom is not null)
            sql.Append(" AND created>=?");
        if (filter.CreatedTo is not null)
            sql.Append(" AND created<=?");
        if (filter.CompletedFrom is not null)
            sql.Append(" AND completed>=?");
        if (filter.CompletedTo is not null)
            sql.Append(" AND completed<=?");
        if (filter.Prefix is not null)
            sql.Append(" AND substr(id, 1, length(?))=?");
        if (filter.Statuses is { Count: > 0 })
            sql.Append(" AND status IN (").AppendJoin(',', filter.Statuses.Select(s => (int)s)).Append(')');
        sql.Append(" ORDER BY key LIMIT ?");
        var rows = database.Prepare(sql.ToString()).Bind(after);
        foreach (var bound in new[] { filter.CreatedFrom, filter.CreatedTo, filter.CompletedFrom, filter.CompletedTo })
            if (bound is { } time)
                rows.Bind(time);
        if (filter.Prefix is not null)
            rows.Bind(filter.Prefix).Bind(filter.Prefix);
        rows.Bind(size);
        var page = new List<InstanceRow>();
        while (rows.Step())
            page.Add(Tables.Read(rows));
        rows.Reset();
        return page;
    }
}

/// <summary>Which instances are wanted; times are UTC ticks, both ends included.</summary>
sealed record InstanceFilter(long? CreatedFrom, long? CreatedTo, string? Prefix, IReadOnlyCollection<OrchestrationRuntimeStatus>? Statuses)
{
    public long? CompletedFrom { get; init; }

    public long? CompletedTo { get; init; }
}
