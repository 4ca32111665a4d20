namespace AiOs.Serving.Costs;

/// <summary>What this instance may still spend of one window of a budget without asking the database: spent by any thread without a lock, refilled by the <see cref="Ledger"/> alone.
/// INVARIANT: what the database counts as leased to this instance is <c>available + reserved + unsettled + committing</c>.</summary>
sealed class Account(long number, Budget budget, DateTimeOffset began, DateTimeOffset ends)
{
    long available, reserved, unsettled, committing, known;
    bool used;

    /// <summary>The budget's number in the tables: a budget that was removed and set again has another.</summary>
    public long Number => number;

    public Budget Budget { get; private set; } = budget;

    public long? Hard { get; private set; } = budget.Limit is { } hard ? Nano.Of(hard) : null;

    long? Soft { get; set; } = budget.SoftLimit is { } soft ? Nano.Of(soft) : null;

    public DateTimeOffset Began => began;

    public DateTimeOffset Ends => ends;

    public long Available => Volatile.Read(ref available);

    public long Reserved => Volatile.Read(ref reserved);

    /// <summary>What was left for everybody when the database was last asked.</summary>
    public long Remaining { get; set; }

    /// <summary>Until when a refusal stands without asking the database again, and for how much.</summary>
    public (DateTimeOffset Until, long Amount)? Refused { get; set; }

    /// <summary>When the database was last asked; null where it never was.</summary>
    public DateTimeOffset? Confirmed { get; set; }

    /// <summary>When the loop last saw that it was used.</summary>
    public DateTimeOffset? UsedAt { get; set; }

    /// <summary>Since when nobody can find it: its window is over, or its budget is another.</summary>
    public DateTimeOffset? RetiredAt { get; set; }

    /// <summary>Whether what lies here goes back, because the limits were changed.</summary>
    public bool Stale { get; set; }

    /// <summary>Whether the soft limit was reached, as far as this instance knows.</summary>
    public bool SoftReached => Soft is { } soft && Volatile.Read(ref known) + Volatile.Read(ref committing) + Volatile.Read(ref unsettled) >= soft;

    public bool SoftAnnounced { get; set; }

    public bool TryTake(long amount)
    {
        used = true;
        Interlocked.Add(ref reserved, amount);   // first, so that whoever sees none reserved can be sure
        if (Hard is null || TryLower(amount))
            return true;
        Interlocked.Add(ref reserved, -amount);
        return false;
    }

    bool TryLower(long amount)
    {
        for (var seen = Volatile.Read(ref available); seen >= amount;)
        {
            var now = Interlocked.CompareExchange(ref available, seen - amount, seen);
            if (now == seen)
                return true;
            seen = now;
        }

        return false;
    }

    /// <summary>A reservation ends: what it cost is spent, the rest can be had again.</summary>
    public void Settle(long amount, long cost)
    {
        if (cost != 0)
            Interlocked.Add(ref unsettled, cost);
        if (Hard is not null && amount != cost)
            Interlocked.Add(ref available, amount - cost);
        Interlocked.Add(ref reserved, -amount);
    }

    /// <summary>The loop only: what was spent since the last time.</summary>
    public long TakeUnsettled()
    {
        var spent = Interlocked.Exchange(ref unsettled, 0);
        Volatile.Write(ref committing, committing + spent);
        return spent;
    }

    /// <summary>The loop only: what lies here, to give it back.</summary>
    public long TakeAvailable()
    {
        for (var seen = Volatile.Read(ref available); seen > 0;)
        {
            var now = Interlocked.CompareExchange(ref available, 0, seen);
            if (now == seen)
                return seen;
            seen = now;
        }

        return 0;
    }

    /// <summary>The loop only: whether nothing is under way and nothing lies here. True for good once nobody can find the account any more.</summary>
    public bool IsEmpty => Reserved == 0 && Volatile.Read(ref unsettled) == 0 && Available <= 0;

    /// <summary>The loop only: the database has counted what was spent, and lets us have more.</summary>
    public void Committed(long everybodySpent, long more)
    {
        Volatile.Write(ref known, everybodySpent);
        Volatile.Write(ref committing, 0);
        if (more != 0)
            Interlocked.Add(ref available, more);
    }

    /// <summary>The loop only: whether anybody asked since the last time.</summary>
    public bool WasUsed()
    {
        var was = used;
        used = false;
        return was;
    }

    /// <summary>The loop only: the limits were changed. INVARIANT: a hard limit stays one, and none stays none; else the account is another.</summary>
    public void Change(Budget now)
    {
        (Budget, Refused, SoftAnnounced, Stale) = (now, null, false, true);
        Soft = now.SoftLimit is { } soft ? Nano.Of(soft) : null;
        Hard = now.Limit is { } hard ? Nano.Of(hard) : null;
    }
}

/// <summary>The accounts that one spender's calls are counted in.</summary>
sealed record Route(Account[] Accounts, DateTimeOffset Until)
{
    public bool TryTake(long amount)
    {
        for (var i = 0; i < Accounts.Length; i++)
            if (!Accounts[i].TryTake(amount))
            {
                while (--i >= 0)
                    Accounts[i].Settle(amount, 0);
                return false;
            }

        return true;
    }
}
