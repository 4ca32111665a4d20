namespace AiOs.Local.Durable.Storage;

/// <summary>
/// Makes groups of changes durable. A group is applied to the tables in one long transaction that nobody else sees, and is on the medium with one
/// record of the <see cref="RedoLog"/>; now and then the transaction is committed and the log begins anew. Not thread-safe.
/// </summary>
sealed class Transactions(Sqlite database, RedoLog? log)
{
    /// <summary>What is larger goes into the tables at once: it would be written twice otherwise.</summary>
    const int LargestRecord = 1 << 20;

    const long LargestLog = 4 << 20;

    readonly RedoRecord record = new();
    bool open;

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

    /// <summary>Readies the tables for a group: they hold all that was acknowledged.</summary>
    public void Begin()
    {
        if (!open)
        {
            database.Prepare("BEGIN IMMEDIATE").Run();
            open = true;
            var texts = new List<string>();
            foreach (var changes in log?.Kept ?? [])
                RedoRecord.Apply(changes.Span, texts, database);
        }
        database.Redo = log is null ? null : record;
    }

    /// <summary>Makes the changes since <see cref="Begin"/> durable.</summary>
    /// <param name="settle">Whether readers must see them, and all before them, at once.</param>
    /// <returns>Whether it synced.</returns>
    public bool End(bool settle)
    {
        database.Redo = null;
        if (log is not null && !settle && record.Content.IsEmpty)
        {
            if (!isAhead)
                Undo();
            return false;
        }
        if (log is null || settle || inDoubt || record.Content.Length > LargestRecord || log.Size + record.Content.Length > LargestLog)
            return Commit();
        log.Append(record.Content);
        record.Keep();
        isAhead = true;
        return true;
    }

    /// <summary>Puts everything that was acknowledged where readers see it.</summary>
    public void Settle()
    {
        Begin();
        End(settle: true);
    }

    bool Commit()
    {
        var changed = log is null || isAhead || inDoubt || !record.Content.IsEmpty;
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
        record.Forget();
        return true;
    }

    /// <summary>Takes back what was not made durable.</summary>
    public void Undo()
    {
        database.Redo = null;
        record.Drop();
        open = false;
        database.Rollback();
    }
}
