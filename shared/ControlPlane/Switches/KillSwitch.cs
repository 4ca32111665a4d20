using AiOs.DataPlane;
using AiOs.Governance;
using AiOs.Security;
using Dapper;

namespace AiOs.ControlPlane.Switches;

/// <summary>A thrown switch. <paramref name="App"/> is an app or <c>all</c>.</summary>
public sealed record ThrownSwitch(string App, string? Reason, string By, DateTimeOffset Since);

/// <summary>The kill switches, one an app and one for all: while one is thrown, admission refuses. What runs goes on. Throwing and releasing is audited.</summary>
public sealed class KillSwitch(Database database, AuditLog audit, TimeProvider clock)
{
    /// <summary>The name of the switch for every app.</summary>
    public const string All = "all";

    internal static MigrationSet Migrations { get; } = new("switches", new Migration(1,
        "CREATE TABLE kill_switches (app TEXT PRIMARY KEY, reason TEXT, thrown_by TEXT NOT NULL, since BIGINT NOT NULL)"));

    const string Columns = "app AS App, reason AS Reason, thrown_by AS ThrownBy, since AS Since";

    /// <summary>The switch that stops the app (its own or that for all), or null.</summary>
    public async Task<ThrownSwitch?> FindAsync(string app, CancellationToken cancellationToken) => (await database.ReadAsync(connection => connection.QueryFirstOrDefaultAsync<Record>(
        $"SELECT {Columns} FROM kill_switches WHERE app = @app OR app = @All LIMIT 1", new { app, All }), cancellationToken))?.ToSwitch();

    /// <summary>Every thrown switch.</summary>
    public async Task<IReadOnlyList<ThrownSwitch>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await database.ReadAsync(connection => connection.QueryAsync<Record>($"SELECT {Columns} FROM kill_switches ORDER BY app"), cancellationToken)).Select(record => record.ToSwitch())];

    /// <summary>Throws or releases the switch of an app or of <see cref="All"/>.</summary>
    public async Task SetAsync(string app, bool stopped, string? reason, Principal by, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var entry = new AuditEntry(stopped ? "switch.thrown" : "switch.released", now, null, null, by.Id, null, null, stopped ? "stopped" : "released",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = app });
        await database.WriteAsync(System.Data.IsolationLevel.ReadCommitted, async (connection, transaction) =>
        {
            await audit.AppendAsync(connection, transaction, entry);
            var sql = stopped
                ? """
                  INSERT INTO kill_switches (app, reason, thrown_by, since) VALUES (@app, @reason, @Id, @since)
                  ON CONFLICT (app) DO UPDATE SET reason = excluded.reason, thrown_by = excluded.thrown_by
                  """
                : "DELETE FROM kill_switches WHERE app = @app";
            return await connection.ExecuteAsync(sql, new { app, reason, by.Id, since = now.ToUnixTimeMilliseconds() }, transaction);
        }, cancellationToken);
    }

    sealed class Record
    {
        public string App { get; set; } = "";
        public string? Reason { get; set; }
        public string ThrownBy { get; set; } = "";
        public long Since { get; set; }

        public ThrownSwitch ToSwitch() => new(App, Reason, ThrownBy, DateTimeOffset.FromUnixTimeMilliseconds(Since));
    }
}
