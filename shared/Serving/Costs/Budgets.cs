using AiOs.Serving.Calls;

namespace AiOs.Serving.Costs;

/// <summary>Sets money aside before a model is called. An instance leases chunks of each budget from the database and spends them in memory, so a call rarely waits for a disk;
/// what is leased counts as spent for everybody else, so no number of instances overspends.</summary>
public sealed class Budgets
{
    readonly Ledger ledger;

    internal Budgets(Ledger ledger) => this.ledger = ledger;

    /// <summary>Sets <paramref name="most"/> aside in every budget that counts the spender's calls.</summary>
    /// <param name="spender">Who pays.</param>
    /// <param name="most">The most that the call can cost, in the operator's currency: reserve for the longest answer.</param>
    /// <param name="cancellationToken">Ends the wait for a lease.</param>
    /// <exception cref="BudgetExceededException">A hard budget does not cover it.</exception>
    public ValueTask<Reservation> ReserveAsync(Spender spender, decimal most, CancellationToken cancellationToken)
    {
        var amount = Nano.AtLeast(most);
        return ledger.RouteOf(spender) is { } route && route.TryTake(amount) ? new(new Reservation(ledger, route, amount)) : ledger.AskAsync(spender, amount, cancellationToken);
    }
}
