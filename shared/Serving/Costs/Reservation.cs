namespace AiOs.Serving.Costs;

/// <summary>Money set aside for one call. Settle it with what the call cost; disposing it gives back what was not settled.</summary>
public sealed class Reservation : IDisposable
{
    readonly Ledger ledger;
    readonly Route route;
    readonly long amount;
    int ended;

    internal Reservation(Ledger ledger, Route route, long amount) => (this.ledger, this.route, this.amount) = (ledger, route, amount);

    /// <summary>Whether a soft limit is reached: the call may go on, its caller should be told.</summary>
    public bool SoftExceeded
    {
        get
        {
            foreach (var account in route.Accounts)
                if (account.SoftReached)
                    return true;
            return false;
        }
    }

    /// <summary>Counts what the call cost and gives back the rest. A call that cost more than was set aside is counted in full; its budget may then be overspent by the difference.</summary>
    /// <exception cref="InvalidOperationException">It was settled or disposed of before.</exception>
    public void Settle(decimal cost)
    {
        if (!End(Nano.Of(cost)))
            throw new InvalidOperationException("The reservation has ended: settle it once, before it is disposed of.");
    }

    /// <summary>Gives back what was set aside, unless it was settled.</summary>
    public void Dispose() => End(0);

    bool End(long cost)
    {
        if (Interlocked.Exchange(ref ended, 1) != 0)
            return false;
        foreach (var account in route.Accounts)
            account.Settle(amount, cost);
        if (cost != 0)
            ledger.Changed();
        return true;
    }
}
