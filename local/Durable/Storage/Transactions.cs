namespace AiOs.Local.Durable.Storage;

/// <summary>
/// Makes groups of changes durable. A group is on the medium with one record of the <see cref="RedoLog"/>, and in the tables in one long transaction that nobody
/// else sees: at once, or, where changes come one at a time and nothing is read for them, a moment later on another thread. Now and then the transaction is
/// committed and the log begins anew. One thread at a time makes changes; beside it another may call <see cref="CatchUp"/>.
/// </summary>
sealed class Transactions(Sqlite database, RedoLog? log)
{
    /// <summary>What is larger goes into the tables at once: it would be written twice otherwise.</summary>
    const int LargestRecord = 1 << 20;

    const long LargestLog = 4 << 20;

    readonly RedoRecord? record = log is null ? null : new();
    readonly Dictionary<string, Change> changes = new(StringComparer.Ordinal);
    readonly Backlog backlog = new(database);

    /// <summary>Held by whoever uses the connection.</summary>
    readonly Lock tables = new();

    /// <summary>Whether the transaction is open. Whoever makes changes may find it closed by <see cref="CatchUp"/>, never opened.</summary>
    volatile bool open;

    // Whether the one who makes changes has the tables, and whether it may wait for another program's lock.
    bool held;
    bool patient = true;

    // A commit failed after it may have reached the medium. Until another one is there, nothing may be acknowledged by the log, which would go on from something else.
    bool inDoubt;
    volatile bool isAhead;

    /// <summary>Whether something is acknowledged that readers of the file do not see.</summary>
    public bool IsAhead => isAhead;

    /// <summary>Opens the file's log and makes the changes again that the tables lack.</summary>
    /// <exception cref="DurableStoreException">The log does not go with the file, or the disk refuses.</exception>
    public static RedoLog Recover(Sqlite database, string path, Func<string, IDiskFile> files)
    {
        var (id, applied) = Schema.Redo(database);
        RedoLog log;
        try
        {
            log = new(files(path), path, id, applied);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw RedoLog.Refused(path, failure);
        }
        try
        {
            var (records, skipped, last) = log.Read();
            var texts = new List<string>();
            database.Prepare("BEGIN IMMEDIATE").Run();
            for (var i = 0; i < records.Count; i++)
                if (i < skipped)
                    RedoRecord.Skip(records[i], texts);
                else
                    RedoRecord.Apply(records[i], texts, database);

            // INVARIANT: what a killed engine had put into the tables may have been read from the operating system's cache alone. The log begins
            // anew only after a sync of theirs, so there is one even where nothing is missing; with a number of its own, for SQLite syncs
            // nothing when no byte changes.
            Schema.SetApplied(database, last + 1);
            Schema.SetVersion(database);
            database.Prepare("COMMIT").Run();
            log.Restart(last + 1);
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>How many records are in the log alone.</summary>
    public int Behind => backlog.Count;

    /// <summary>Begins a group.</summary>
    /// <param name="calm">Whether it need not be in the tables at once, and must not wait for another program's lock.</param>
    public void Begin(bool calm)
    {
        patient = !calm;

        // INVARIANT: what the tables have not taken may be acknowledged only where the open transaction can take it: no other program's lock is in the way, and no commit in doubt.
        if (!calm || log is null || !open || inDoubt)
            Ready();
    }

    /// <summary>The tables with all that was acknowledged and what the group has changed so far; from here on its changes run at once.</summary>
    public Sqlite Ready()
    {
        if (held)
            return database;
        tables.Enter();
        held = true;
        if (!patient)
            database.Waits = false;
        if (!open)
        {
            database.Prepare("BEGIN IMMEDIATE").Run();
            open = true;
            backlog.Restart(log?.Kept ?? []);
        }
        while (backlog.ApplyOne())
        {
        }
        if (record is { Content.IsEmpty: false })
            backlog.ApplyDraft(record.Content);
        return database;
    }

    /// <summary>A change of the group, ready for its values.</summary>
    public Change Change(string sql)
    {
        if (!changes.TryGetValue(sql, out var change))
            changes[sql] = change = new(sql, record);
        return change.On(held ? database : null);
    }

    /// <summary>Makes the changes since <see cref="Begin"/> durable.</summary>
    /// <param name="settle">Whether readers must see them, and all before them, at once.</param>
    /// <returns>Whether it synced.</returns>
    public bool End(bool settle)
    {
        if (record is not null && !settle && record.Content.IsEmpty)
        {
            if (isAhead)
                Leave();
            else
                Undo();
            return false;
        }
        if (log is null || settle || inDoubt || record!.Content.Length > LargestRecord || log.Size + record.Content.Length > LargestLog)
            return Commit();
        log.Append(record.Content);
        if (held)
            backlog.Note(record);
        else
            backlog.Add(log.Kept[^1]);
        record.Keep();
        isAhead = true;
        Leave();
        return true;
    }

    /// <summary>Puts everything that was acknowledged where readers see it.</summary>
    public void Settle()
    {
        Begin(calm: false);
        End(settle: true);
    }

    /// <summary>Brings records into the tables that are in the log alone, a record at a time, beside whoever makes changes.</summary>
    /// <exception cref="DurableStoreException">The tables cannot take them now. They stay in the log, and whoever makes the next change finds out.</exception>
    public void CatchUp()
    {
        var more = true;
        while (more)
            lock (tables)
                try
                {
                    more = open && backlog.ApplyOne();
                }
                catch
                {
                    database.Rollback();
                    open = false;
                    throw;
                }
    }

    bool Commit()
    {
        Ready();
        var changed = log is null || isAhead || inDoubt || !record!.Content.IsEmpty;
        if (!changed)
        {
            Undo();
            return false;
        }
        if (log is not null)
            Schema.SetApplied(database, log.Last + 1);
        inDoubt = log is not null;
        database.Prepare("COMMIT").Run();
        (open, inDoubt, isAhead) = (false, false, false);
        log?.Restart(log.Last + 1);
        record?.Forget();
        Leave();
        return true;
    }

    /// <summary>Takes back what was not made durable.</summary>
    public void Undo()
    {
        record?.Drop();

        // Who has not touched the tables leaves them as they are.
        if (!held)
            return;
        database.Rollback();
        open = false;
        Leave();
    }

    void Leave()
    {
        if (!held)
            return;
        if (!patient)
            database.Waits = true;
        held = false;
        tables.Exit();
    }
}
