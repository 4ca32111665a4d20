using System.Data;
using AiOs.Serving.Calls;
using AiOs.Telemetry;

namespace AiOs.Serving.Costs;

/// <summary>The loop. Only it touches these fields.</summary>
sealed partial class Ledger
{
    readonly List<Account> accounts = [];
    readonly List<Asked> waiting = [];
    LedgerBatch? unconfirmed;
    long batches;
    DateTimeOffset careAt, confirmAt, retryAt, loadedAt;

    async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(Linger, clock);
        Task<bool>? asked = null, tick = null;
        for (var open = true; open && !killed.IsCancellationRequested;)
        {
            asked ??= asking.Reader.WaitToReadAsync(killed.Token).AsTask();
            tick ??= timer.WaitForNextTickAsync(killed.Token).AsTask();
            await Task.WhenAny(asked, tick);
            if (asked.IsCompleted)
                (open, asked) = (asked is { IsCompletedSuccessfully: true, Result: true }, null);
            if (tick.IsCompleted)
                tick = null;
            if (killed.IsCancellationRequested)
                break;
            while (asking.Reader.TryRead(out var next))
                waiting.Add(next);
            await TurnsAsync(closing: !open);
        }

        foreach (var left in waiting)
            left.Answer.TrySetException(new ObjectDisposedException("The ledger is closed."));
    }

    /// <summary>Turns until nobody waits who could be served.</summary>
    async Task TurnsAsync(bool closing)
    {
        try
        {
            var now = clock.GetUtcNow();
            if (now < retryAt && waiting.Count == 0 && !closing)
                return;
            var care = now >= careAt;
            if (care)
                careAt = now + Care;
            if (routes is null || care || (waiting.Count > 0 && now - loadedAt >= Linger))
            {
                await LoadAsync();
                loadedAt = now;
            }

            do
            {
                Serve(clock.GetUtcNow());
                await WriteAsync(care, closing);
                Serve(clock.GetUtcNow());
                care = false;
            }
            while (waiting.Count > 0);
        }
        catch (Exception e)
        {
            // INVARIANT: a batch that may not have been written stays in front of all others.
            foreach (var failed in waiting)
                failed.Answer.TrySetException(e);
            waiting.Clear();
            (changed, retryAt) = (true, clock.GetUtcNow() + Care);
            if (!killed.IsCancellationRequested)
                log.LedgerFailed(e);
        }
    }

    async Task LoadAsync()
    {
        var before = routes;
        var version = await database.ReadAsync(BudgetRows.VersionAsync, killed.Token);
        if (before?.Version == version)
            return;
        var (read, budgets) = await database.ReadAsync(BudgetRows.AllAsync, killed.Token);
        foreach (var account in accounts)
            if (budgets.FirstOrDefault(b => b.Number == account.Number)?.Budget is { } now && now != account.Budget && now.Limit is null == account.Hard is null)
                account.Change(now);
        routes = new Routes(read, budgets);
        changed = true;   // what changed budgets have lying here goes back
    }

    /// <summary>Gives those their money who can have it from memory, and refuses those whom the database would refuse.</summary>
    void Serve(DateTimeOffset now)
    {
        for (var i = 0; i < waiting.Count; i++)
        {
            var asked = waiting[i];
            if (asked.Spender is null || (!asked.Answer.Task.IsCompleted && !TryServe(asked, now)))
                continue;
            waiting.RemoveAt(i--);
        }
    }

    bool TryServe(Asked asked, DateTimeOffset now)
    {
        var route = routes!.Find(asked.Spender!) is { } known && now < known.Until ? known : routes.Add(asked.Spender!, Build(asked.Spender!, now));
        if (route.TryTake(asked.Amount))
        {
            if (!asked.Answer.TrySetResult(route))
                foreach (var account in route.Accounts)
                    account.Settle(asked.Amount, 0);   // its caller has given up
            return true;
        }

        if (route.Accounts.FirstOrDefault(a => a.Hard is not null && a.Available < asked.Amount && a.Refused is { } refused && now < refused.Until && asked.Amount - a.Available >= refused.Amount) is not { } exhausted)
            return false;
        BudgetMetrics.Refused(exhausted.Budget);
        asked.Answer.TrySetException(new BudgetExceededException(exhausted.Budget, exhausted.Ends));
        return true;
    }

    Route Build(Spender spender, DateTimeOffset now)
    {
        Account[] found = [.. routes!.Budgets.Where(b => b.Budget.Covers(spender)).Select(b => AccountOf(b, now))];
        return new(found, found.Length == 0 ? DateTimeOffset.MaxValue : found.Min(a => a.Ends));
    }

    Account AccountOf(NumberedBudget budget, DateTimeOffset now)
    {
        if (accounts.FirstOrDefault(a => a.Number == budget.Number && a.Began == budget.Budget.Began(now) && a.Hard is null == budget.Budget.Limit is null) is { } account)
            return account;
        accounts.Add(account = new(budget.Number, budget.Budget, budget.Budget.Began(now), budget.Budget.Ends(now)) { UsedAt = now });
        changed = true;   // what others have spent of it is looked up
        return account;
    }

    async Task WriteAsync(bool care, bool closing)
    {
        var now = clock.GetUtcNow();
        var again = unconfirmed is not null;
        var confirm = care && now >= confirmAt;
        if (!again && (changed || care || closing || waiting.Count > 0))
        {
            changed = false;
            unconfirmed = Gather(now, care, closing);
        }

        var batch = unconfirmed;
        var wanted = Wants(now);
        if (batch is null || (batch.IsEmpty && wanted.Count == 0 && !confirm))
        {
            unconfirmed = null;
            AnswerFlushes();
            return;
        }

        var forfeited = await CommitAsync(batch, wanted, confirm, now);
        unconfirmed = null;
        foreach (var change in batch.Changes.Where(c => c.Ends))
            accounts.Remove(change.Account);
        foreach (var (budget, amount) in forfeited)
            log.LeaseForfeited(routes?.Budgets.FirstOrDefault(b => b.Number == budget)?.Budget.Id ?? "(removed)", Nano.Amount(amount));
        if (confirm)
            confirmAt = now + Confirmation;
        if (again)
            changed = true;   // what came since then is still to be written
        else
            AnswerFlushes();
    }

    void AnswerFlushes()
    {
        foreach (var flush in waiting.Where(w => w.Spender is null))
            flush.Answer.TrySetResult(null);
        waiting.RemoveAll(w => w.Spender is null);
    }

    LedgerBatch Gather(DateTimeOffset now, bool care, bool closing)
    {
        var changes = new List<AccountChange>();
        foreach (var account in accounts)
        {
            var current = now < account.Ends && routes!.Budgets.Any(b => b.Number == account.Number && b.Budget == account.Budget);
            if (!current)
                account.RetiredAt ??= now;
            var spent = account.TakeUnsettled();
            var returned = !current || closing || account.Stale || (care && IsIdle(account, now)) ? account.TakeAvailable() : 0;
            var ends = (closing || now - account.RetiredAt >= Care) && account.IsEmpty;
            var late = account.Confirmed is not { } at || (now - at >= Confirmation && !account.IsEmpty);
            account.Stale = false;
            if (spent != 0 || returned != 0 || ends || late)
                changes.Add(new(account, spent, returned, ends));
        }

        return new(++batches, changes, totals.Take());
    }

    /// <summary>Whether what lies here is better given back: at once where the others may need it, else after a while.</summary>
    static bool IsIdle(Account account, DateTimeOffset now)
    {
        if (account.WasUsed())
            account.UsedAt = now;
        return account.Hard is { } hard && now - account.UsedAt >= (account.Remaining < hard / LedgerWrites.ShareOfRest ? Care : Idle);
    }

    /// <summary>What callers wait for, by account.</summary>
    Dictionary<Account, Wanted> Wants(DateTimeOffset now)
    {
        var wanted = new Dictionary<Account, Wanted>();
        foreach (var asked in waiting.Where(w => w.Spender is not null && !w.Answer.Task.IsCompleted))
            foreach (var account in (routes!.Find(asked.Spender!) ?? Build(asked.Spender!, now)).Accounts.Where(a => a.Hard is not null))
                wanted[account] = wanted.TryGetValue(account, out var others) ? new(others.Sum + asked.Amount, Math.Min(others.Least, asked.Amount)) : new(asked.Amount, asked.Amount);
        foreach (var (account, sum) in wanted.ToList())
            wanted[account] = new(Math.Max(0, sum.Sum - account.Available), Math.Max(0, sum.Least - account.Available));
        return wanted;
    }

    async Task<IReadOnlyList<(long Budget, long Amount)>> CommitAsync(LedgerBatch batch, Dictionary<Account, Wanted> wanted, bool confirm, DateTimeOffset now)
    {
        var work = batch.Changes.ToDictionary(c => c.Account);
        foreach (var account in wanted.Keys)
            work.TryAdd(account, AccountChange.None(account));
        var inOrder = work.Values.OrderBy(c => c.Account.Number).ThenBy(c => c.Account.Began).ToList();
        var (states, forfeited) = await database.WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>
        {
            var writes = new LedgerWrites(connection, transaction, instance, now);
            var isNew = await writes.IsNewAsync(batch);
            if (isNew)
                await writes.AddAsync(batch.Costs);
            var found = new List<(Account Account, AccountState State)>();
            foreach (var change in inOrder)
                found.Add((change.Account, await writes.ApplyAsync(isNew ? change : AccountChange.None(change.Account), wanted.GetValueOrDefault(change.Account))));
            return (found, confirm ? await writes.ForfeitAsync() : []);
        }, killed.Token);
        foreach (var (account, state) in states)
            Take(account, state, wanted.GetValueOrDefault(account), now);
        return forfeited;
    }

    void Take(Account account, AccountState state, Wanted? wanted, DateTimeOffset now)
    {
        account.Committed(state.Spent, state.More);
        (account.Confirmed, account.Remaining) = (now, state.Remaining);
        if (wanted is not null)
            account.Refused = (clock.GetUtcNow() + Linger, state.Remaining + 1);
        if (!account.SoftReached || account.SoftAnnounced)
            return;
        account.SoftAnnounced = true;
        log.SoftLimitReached(account.Budget.Id, account.Budget.Scope, Nano.Amount(state.Spent), account.Budget.SoftLimit!.Value);
        BudgetMetrics.SoftLimitReached(account.Budget);
    }
}
