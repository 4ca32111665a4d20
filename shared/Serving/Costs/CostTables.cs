using AiOs.DataPlane;

namespace AiOs.Serving.Costs;

/// <summary>Money is in billionths. What is used of a window is <c>settled + forfeited + leased</c>; <c>leased</c> is the sum of what its leases hold that are not forfeited.</summary>
static class CostTables
{
    public static MigrationSet Migrations { get; } = new("costs", new Migration(1, """
        CREATE TABLE budgets (
          number {identity}, id TEXT NOT NULL UNIQUE, app TEXT, principal TEXT, model TEXT, period TEXT NOT NULL, hard BIGINT, soft BIGINT,
          set_at BIGINT NOT NULL, set_by TEXT NOT NULL);
        CREATE TABLE budgets_head (id INTEGER NOT NULL PRIMARY KEY, version BIGINT NOT NULL);
        INSERT INTO budgets_head (id, version) VALUES (1, 0);
        CREATE TABLE budget_windows (
          budget BIGINT NOT NULL, began_at BIGINT NOT NULL, settled BIGINT NOT NULL, forfeited BIGINT NOT NULL, leased BIGINT NOT NULL,
          PRIMARY KEY (budget, began_at));
        CREATE TABLE budget_leases (
          budget BIGINT NOT NULL, began_at BIGINT NOT NULL, instance TEXT NOT NULL, held BIGINT NOT NULL, expires_at BIGINT NOT NULL, forfeited INTEGER NOT NULL,
          PRIMARY KEY (budget, began_at, instance));
        CREATE INDEX budget_leases_by_expiry ON budget_leases (expires_at) WHERE forfeited = 0 AND held > 0;
        CREATE TABLE costs (
          day BIGINT NOT NULL, app TEXT NOT NULL, principal TEXT NOT NULL, model TEXT NOT NULL,
          calls BIGINT NOT NULL, input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL, cost BIGINT NOT NULL,
          PRIMARY KEY (day, app, principal, model));
        CREATE TABLE cost_batches (instance TEXT NOT NULL PRIMARY KEY, batch BIGINT NOT NULL, written_at BIGINT NOT NULL)
        """));
}
