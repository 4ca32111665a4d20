using System.Data.Common;
using Dapper;

namespace AiOs.Serving.Costs;

/// <summary>Budgets as they are stored.</summary>
static class BudgetRows
{
    public const string Columns = "number, id, app, principal, model, period, hard, soft";

    /// <summary>The number of changes so far.</summary>
    public static Task<long> VersionAsync(DbConnection connection) => connection.ExecuteScalarAsync<long>("SELECT version FROM budgets_head WHERE id = 1");

    /// <summary>The version first: a change in between is found again the next time.</summary>
    public static async Task<(long Version, IReadOnlyList<NumberedBudget> Budgets)> AllAsync(DbConnection connection)
    {
        var version = await VersionAsync(connection);
        return (version, [.. (await connection.QueryAsync<BudgetRow>($"SELECT {Columns} FROM budgets ORDER BY id")).Select(row => row.ToBudget())]);
    }
}

sealed class BudgetRow
{
    public long Number { get; init; }
    public string Id { get; init; } = "";
    public string? App { get; init; }
    public string? Principal { get; init; }
    public string? Model { get; init; }
    public string Period { get; init; } = "";
    public long? Hard { get; init; }
    public long? Soft { get; init; }

    public NumberedBudget ToBudget() => new(Number, new(Id, Enum.Parse<BudgetWindow>(Period))
    {
        App = App, Principal = Principal, Model = Model, Limit = Hard is { } hard ? Nano.Amount(hard) : null, SoftLimit = Soft is { } soft ? Nano.Amount(soft) : null,
    });
}
