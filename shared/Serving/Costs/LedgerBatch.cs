namespace AiOs.Serving.Costs;

/// <summary>What happened to one account since the last batch.</summary>
/// <param name="Account">The account.</param>
/// <param name="Spent">What was spent.</param>
/// <param name="Returned">What is given back of the lease.</param>
/// <param name="Ends">Whether the instance is through with the account: whatever its lease still holds goes back.</param>
sealed record AccountChange(Account Account, long Spent, long Returned, bool Ends)
{
    public static AccountChange None(Account account) => new(account, 0, 0, Ends: false);
}

/// <summary>Settlements that are written down together. INVARIANT: its number makes it count once, also where nobody knows whether a commit arrived: it is repeated as it is until it is certain.</summary>
sealed record LedgerBatch(long Number, IReadOnlyList<AccountChange> Changes, IReadOnlyList<CostLine> Costs)
{
    public bool IsEmpty => Changes.Count == 0 && Costs.Count == 0;
}

/// <summary>What callers wait for, of one account: all of them together, and the one who wants least.</summary>
sealed record Wanted(long Sum, long Least);

/// <summary>What a window came to.</summary>
/// <param name="Spent">Settled and forfeited, by everybody.</param>
/// <param name="More">What this instance may spend beyond what it has.</param>
/// <param name="Remaining">What is left for everybody after that; very much where there is no hard limit.</param>
sealed record AccountState(long Spent, long More, long Remaining);
