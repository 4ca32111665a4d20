using Microsoft.Extensions.Logging;

namespace AiOs.Local.Durable.Storage;

/// <summary>
/// Writes groups of changes, makes each durable with one sync, then begins their effects; a change with a mistake in it takes no other along, and one that finds no room is
/// tried again or answered at once. For one thread at a time, except <see cref="CatchUp"/>.
/// </summary>
sealed class GroupWriter
{
    /// <summary>So many changes in the log alone are brought into the tables beside those who make the next ones.</summary>
    const int LongBacklog = 64;

    static readonly TimeSpan pause = TimeSpan.FromMilliseconds(200);

    /// <summary>After so long without a change, readers of the file are let see the last ones; under load after <see cref="longest"/>.</summary>
    static readonly TimeSpan quiet = TimeSpan.FromMilliseconds(20);

    static readonly TimeSpan longest = TimeSpan.FromMilliseconds(250);

    readonly Transactions transactions;
    readonly ManualResetEventSlim abandoned;
    readonly Action behind;
    readonly ILogger log;
    volatile bool closing;
    long lastWrite;
    long lastSettled;

    /// <summary>Takes the writing connection and the log beside its file.</summary>
    /// <param name="database">The writing connection.</param>
    /// <param name="redo">Its log; null in memory.</param>
    /// <param name="abandoned">Set when the engine ends without a last word: from then on nothing is written and no effect begins.</param>
    /// <param name="behind">Called when readers of the file do not see everything, or the tables have fallen far behind the log.</param>
    /// <param name="log">Where failures are told.</param>
    public GroupWriter(Sqlite database, RedoLog? redo, ManualResetEventSlim abandoned, Action behind, ILogger log)
    {
        (this.abandoned, this.behind, this.log) = (abandoned, behind, log);
        transactions = new(database, redo);
        Tables = new(database, transactions);
    }

    /// <summary>The tables, as changes write them.</summary>
    public Tables Tables { get; }

    /// <summary>Changes and transactions so far.</summary>
    public EngineCounts Counts { get; private set; } = new(0, 0, 0);

    /// <summary>Whether something is written that readers of the file do not see: see <see cref="IWrite.Settles"/>.</summary>
    public bool IsAhead => transactions.IsAhead;

    /// <summary>How long there may be no change before <see cref="SettleWhenDue"/> has something to do.</summary>
    public TimeSpan Patience => transactions.IsAhead ? quiet : Timeout.InfiniteTimeSpan;

    /// <summary>From here on nothing is waited for: what cannot be written now is left for the next start.</summary>
    public void Close() => closing = true;

    /// <summary>Writes one change that came alone, for <see cref="Tell"/> to begin its effects; false, and nothing written, where that is not possible at once.</summary>
    public bool TryWriteAlone(IWrite write)
    {
        try
        {
            Write([write], calm: true);
            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            transactions.Undo();
            return false;
        }
    }

    /// <summary>Writes a group. Where it throws, the group holds whoever was not told.</summary>
    /// <param name="group">The changes; afterwards its content has no meaning.</param>
    /// <param name="more">Adds those that came while it waited for the disk: they are told what is wrong too.</param>
    /// <exception cref="DurableStoreException">The file cannot be used any more, or not now and nothing may wait.</exception>
    public void Commit(List<IWrite> group, Action<List<IWrite>> more)
    {
        while (group.Count > 0)
        {
            try
            {
                Write(group);
                break;
            }
            catch (DurableStoreException failure) when (failure.MayPass)
            {
                transactions.Undo();
                log.CommitFailed(failure);
                if (group.Exists(w => !w.Reads))
                    AnswerReads(group);
                foreach (var write in group.Where(w => !w.Waits))
                    write.Failed(failure);
                group.RemoveAll(w => !w.Waits);
                if (group.Count > 0 && (closing || abandoned.Wait(pause)))
                    throw;
                more(group);
            }
            catch (Exception failure) when (failure is not DurableStoreException && group.Count > 1)
            {
                transactions.Undo();
                CommitOneByOne(group, more);
                return;
            }
            catch (Exception failure) when (failure is not DurableStoreException)
            {
                transactions.Undo();
                log.CommitFailed(failure);
                group[0].Failed(failure);
                return;
            }
        }
        Tell(group);
    }

    // A change with a mistake in it must not take its neighbours along. Who has not been told when the file gives up is left in the group, with those that came meanwhile.
    void CommitOneByOne(List<IWrite> group, Action<List<IWrite>> more)
    {
        var (left, one) = (new Queue<IWrite>(group), new List<IWrite>());
        group.Clear();
        try
        {
            while (left.TryDequeue(out var write))
            {
                one.Add(write);
                Commit(one, more);
                one.Clear();
            }
        }
        finally
        {
            group.AddRange(one);
            group.AddRange(left);
        }
    }

    // Whoever looks is answered though the changes beside it find no room, once and at once: a change that waits keeps its place.
    void AnswerReads(List<IWrite> group)
    {
        var reads = group.FindAll(w => w.Reads);
        group.RemoveAll(w => w.Reads);
        if (reads.Count == 0)
            return;
        try
        {
            Write(reads);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            transactions.Undo();
            reads.ForEach(read => read.Failed(failure));
            return;
        }
        Tell(reads);
    }

    /// <summary>Begins the effects of what is written. Where the engine was abandoned meanwhile none begins, and whoever waits for an answer learns that there will be none.</summary>
    public void Tell(List<IWrite> group)
    {
        var gone = abandoned.IsSet ? new ObjectDisposedException(nameof(DurableEngine), "The durable engine was abandoned; what was asked for is on its disk.") : null;
        foreach (var write in group)
            if (gone is null)
                write.Committed();
            else
                write.Failed(gone);
    }

    void Write(List<IWrite> group, bool calm = false)
    {
        var wasAhead = transactions.IsAhead;
        transactions.Begin(calm);
        foreach (var write in group)
            write.Apply(Tables);
        if (abandoned.IsSet)
        {
            transactions.Undo();
            throw new ObjectDisposedException(nameof(DurableEngine), "The durable engine was abandoned.");
        }
        var synced = transactions.End(settle: group.Exists(write => write.Settles));
        var settled = synced && !transactions.IsAhead;
        lastWrite = TimeProvider.System.GetTimestamp();
        if (settled || !wasAhead)
            lastSettled = lastWrite;
        Counts = new(Counts.Changes + group.Count, Counts.Commits + (synced ? 1 : 0), Counts.Settlements);
        if ((!wasAhead && transactions.IsAhead) || transactions.Behind >= LongBacklog)
            behind();
    }

    /// <summary>Brings a long backlog into the tables. What they cannot take now the next change, or the next settlement, comes upon again, with somebody to tell.</summary>
    public void CatchUp()
    {
        if (transactions.Behind < LongBacklog)
            return;
        try
        {
            transactions.CatchUp();
        }
        catch (DurableStoreException failure) when (failure.MayPass)
        {
            log.CommitFailed(failure);
        }
    }

    /// <summary>Lets readers of the file see everything, where it has been quiet or they have waited for long.</summary>
    public void SettleWhenDue()
    {
        if (TimeProvider.System.GetElapsedTime(lastWrite) >= quiet)
            Settle();
        else
            SettleUnderLoad();
    }

    /// <summary>Lets readers of the file see everything, where they have waited for long.</summary>
    public void SettleUnderLoad()
    {
        if (TimeProvider.System.GetElapsedTime(lastSettled) >= longest)
            Settle();
    }

    /// <summary>Lets readers of the file see everything. What cannot be settled now stays in the log, from where it is settled later or at the next start.</summary>
    public void Settle()
    {
        if (!transactions.IsAhead)
            return;
        try
        {
            transactions.Settle();
            Counts = Counts with { Settlements = Counts.Settlements + 1 };
            lastSettled = TimeProvider.System.GetTimestamp();
        }
        catch (DurableStoreException failure) when (failure.MayPass)
        {
            transactions.Undo();
            log.CommitFailed(failure);
            lastWrite = TimeProvider.System.GetTimestamp();
            if (!closing)
                abandoned.Wait(pause);
        }
    }
}
