using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Storage;

/// <summary>The rows of the engine's file, read and written by the one writer.</summary>
/// <param name="database">The writer's connection: for what is read at the start.</param>
/// <param name="transactions">Where changes go, and what readies the tables to be read.</param>
sealed class Tables(Sqlite database, Transactions transactions)
{
    public const string Columns = "key, id, name, version, status, created, completed, generation, parent, parent_task, parent_id, parent_name, tags, custom_status, failure, input, output";

    // Whoever asked an entity may be purged before it answers: while the question waits, nobody else gets the key, and so the answer.
    long lastKey = Math.Max(
        Math.Max(database.Number("SELECT max(key) FROM instances"), database.Number("SELECT max(key) FROM entities")),
        database.Number("SELECT max(json_extract(CAST(message AS TEXT), '$.caller.key')) FROM inbox WHERE target & 1")) & ~1L;
    long lastMessage = database.Number("SELECT max(number) FROM inbox");

    /// <summary>The tables as they stand after every change so far: they are made ready for it, so whoever only writes does not ask.</summary>
    public Sqlite Database => transactions.Ready();

    /// <summary>How often an instance was removed: who knew an instance to be there knows that it still is while this stays.</summary>
    public long Removals { get; private set; }

    /// <summary>A key for a new instance (even) or entity (odd); never used twice while the engine runs. Any thread may ask.</summary>
    public long NextKey(bool entity) => Interlocked.Add(ref lastKey, 2) + (entity ? 1 : 0);

    Change Change(string sql) => transactions.Change(sql);

    // ---- instances

    public InstanceRow? Instance(string id) => One(Database.Prepare($"SELECT {Columns} FROM instances WHERE id=?").Bind(id));

    public InstanceRow? Instance(long key) => One(Database.Prepare($"SELECT {Columns} FROM instances WHERE key=?").Bind(key));

    public static InstanceRow? One(Statement statement)
    {
        try
        {
            return statement.Step() ? Read(statement) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Reads a row of <c>SELECT <see cref="Columns"/></c>.</summary>
    public static InstanceRow Read(Statement row) => new()
    {
        Key = row.Int64(0),
        Id = row.Text(1),
        Name = row.Text(2),
        Version = row.Text(3),
        Status = (OrchestrationRuntimeStatus)row.Int32(4),
        Created = row.Int64(5),
        Completed = row.Int64OrNull(6),
        Generation = row.Int32(7),
        Parent = row.IsNull(8) ? null : new(row.Int64(8), row.Int32(9), row.Text(10), row.Text(11)),
        Tags = row.TextOrNull(12),
        CustomStatus = row.TextOrNull(13),
        Failure = row.TextOrNull(14),
        Input = row.TextOrNull(15),
        Output = row.TextOrNull(16),
    };

    /// <summary>Key, status and parent of an instance, without its payloads.</summary>
    public (long Key, OrchestrationRuntimeStatus Status)? Find(string id)
    {
        var statement = Database.Prepare("SELECT key, status FROM instances WHERE id=?").Bind(id);
        try
        {
            return statement.Step() ? (statement.Int64(0), (OrchestrationRuntimeStatus)statement.Int32(1)) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    public OrchestrationRuntimeStatus? StatusOf(long key)
    {
        var statement = Database.Prepare("SELECT status FROM instances WHERE key=?").Bind(key);
        try
        {
            return statement.Step() ? (OrchestrationRuntimeStatus)statement.Int32(0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>The execution that an instance is in; null when it is over or not there.</summary>
    public int? Generation(long key)
    {
        var statement = Database.Prepare("SELECT generation FROM instances WHERE key=? AND completed IS NULL").Bind(key);
        try
        {
            return statement.Step() ? statement.Int32(0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    public void Insert(InstanceRow row) => Change($"INSERT INTO instances({Columns}) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        .Bind(row.Key).Bind(row.Id).Bind(row.Name).Bind(row.Version).Bind((long)row.Status).Bind(row.Created).Bind(row.Completed).Bind(row.Generation)
        .Bind(row.Parent?.Key).Bind(row.Parent?.TaskId).Bind(row.Parent?.InstanceId).Bind(row.Parent?.Name)
        .Bind(row.Tags).Bind(row.CustomStatus).Bind(row.Failure).Bind(row.Input).Bind(row.Output).Run();

    /// <summary>Status and custom status, which change while an instance runs.</summary>
    public void Update(long key, OrchestrationRuntimeStatus status, string? customStatus) => Change("UPDATE instances SET status=?, custom_status=? WHERE key=?").Bind((long)status).Bind(customStatus).Bind(key).Run();

    public void Complete(long key, OrchestrationRuntimeStatus status, string? customStatus, string? output, Failure? failure, long at) => Change("UPDATE instances SET status=?, custom_status=?, output=?, failure=?, completed=? WHERE key=?")
        .Bind((long)status).Bind(customStatus).Bind(output).Bind(failure is null ? null : HistoryCodec.Write(failure)).Bind(at).Bind(key).Run();

    /// <summary>An instance that was over runs again, with another history.</summary>
    public void Reopen(long key, List<(long At, HistoryBatch Batch)> history)
    {
        Change("UPDATE instances SET status=?, output=NULL, failure=NULL, completed=NULL WHERE key=?")
            .Bind((long)OrchestrationRuntimeStatus.Running).Bind(key).Run();
        DeleteHistory(key);
        for (var number = 0; number < history.Count; number++)
            Append(key, number, history[number].At, HistoryCodec.Write(history[number].Batch));
    }

    public void ContinueAsNew(long key, string version, string? customStatus, string? input, int generation)
    {
        Change("UPDATE instances SET status=?, version=?, custom_status=?, input=?, generation=? WHERE key=?")
            .Bind((long)OrchestrationRuntimeStatus.Running).Bind(version).Bind(customStatus).Bind(input).Bind(generation).Bind(key).Run();
        DeleteHistory(key);
    }

    /// <summary>Removes an instance with everything that belongs to it.</summary>
    public void Delete(long key)
    {
        DeleteWork(key);
        DeleteHistory(key);
        Change("DELETE FROM instances WHERE key=?").Bind(key).Run();
        Removals++;
    }

    /// <summary>Removes what an instance still had to do, its timers excepted: those are removed one by one by who knows their time.</summary>
    public void DeleteWork(long key)
    {
        Change("DELETE FROM tasks WHERE row BETWEEN ? AND ?").Bind(Schema.Row(key, 0)).Bind(Schema.Row(key, Schema.MaxNumber)).Run();
        Change("DELETE FROM inbox WHERE target=?").Bind(key).Run();
    }

    /// <summary>Removes the timers of an instance that runs no more and whose timers nobody knows: reads the whole table.</summary>
    public void DeleteTimers(long key) => Change("DELETE FROM timers WHERE instance=?").Bind(key).Run();

    public List<(long Key, string Id, OrchestrationRuntimeStatus Status)> Children(long parent)
    {
        var found = new List<(long, string, OrchestrationRuntimeStatus)>();
        var statement = Database.Prepare("SELECT key, id, status FROM instances WHERE parent=?").Bind(parent);
        while (statement.Step())
            found.Add((statement.Int64(0), statement.Text(1), (OrchestrationRuntimeStatus)statement.Int32(2)));
        statement.Reset();
        return found;
    }

    // ---- histories

    public void Append(long key, int number, long at, byte[] events) => Change("INSERT INTO history(row, at, events) VALUES(?,?,?)").Bind(Schema.Row(key, number)).Bind(at).Bind(events).Run();

    void DeleteHistory(long key) => Change("DELETE FROM history WHERE row BETWEEN ? AND ?").Bind(Schema.Row(key, 0)).Bind(Schema.Row(key, Schema.MaxNumber)).Run();

    // ---- work

    public void InsertTask(long key, int task) => Change("INSERT INTO tasks(row) VALUES(?)").Bind(Schema.Row(key, task)).Run();

    public void DeleteTask(long key, int task) => Change("DELETE FROM tasks WHERE row=?").Bind(Schema.Row(key, task)).Run();

    public void InsertTimer(long due, long key, int task) => Change("INSERT OR IGNORE INTO timers(due, instance, task) VALUES(?,?,?)").Bind(due).Bind(key).Bind(task).Run();

    public void DeleteTimer(long due, long key, int task) => Change("DELETE FROM timers WHERE due=? AND instance=? AND task=?").Bind(due).Bind(key).Bind(task).Run();

    // ---- inboxes

    /// <summary>Puts a message into an inbox, for <paramref name="due"/> when given, and returns its number.</summary>
    public long Post(long target, long? due, byte[] message)
    {
        Change("INSERT INTO inbox(target, number, due, message) VALUES(?,?,?,?)").Bind(target).Bind(++lastMessage).Bind(due).Bind(message).Run();
        return lastMessage;
    }

    public void Take(long target, long number) => Change("DELETE FROM inbox WHERE target=? AND number=?").Bind(target).Bind(number).Run();

    // ---- entities

    public (long Key, string? LockedBy)? FindEntity(string id)
    {
        var statement = Database.Prepare("SELECT key, locked_by FROM entities WHERE id=?").Bind(id);
        try
        {
            return statement.Step() ? (statement.Int64(0), statement.TextOrNull(1)) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>The key of an entity, which comes into being with its first message.</summary>
    public long Entity(string id, long now)
    {
        if (FindEntity(id) is { } known)
            return known.Key;
        var key = NextKey(entity: true);
        Change("INSERT INTO entities(key, id, updated) VALUES(?,?,?)").Bind(key).Bind(id).Bind(now).Run();
        return key;
    }

    /// <summary>The ids of the entities that an orchestration has locked: reads the whole table.</summary>
    public List<string> LockedBy(string instanceId)
    {
        var found = new List<string>();
        var statement = Database.Prepare("SELECT id FROM entities WHERE locked_by=?").Bind(instanceId);
        while (statement.Step())
            found.Add(statement.Text(0));
        statement.Reset();
        return found;
    }

    public void UpdateEntity(long key, string? state, string? lockedBy, long now) => Change("UPDATE entities SET state=?, locked_by=?, updated=? WHERE key=?").Bind(state).Bind(lockedBy).Bind(now).Bind(key).Run();

    public void DeleteEntity(long key)
    {
        Change("DELETE FROM inbox WHERE target=?").Bind(key).Run();
        Change("DELETE FROM entities WHERE key=?").Bind(key).Run();
    }
}
