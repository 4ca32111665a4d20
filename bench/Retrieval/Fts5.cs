using System.Diagnostics;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AiOs.Bench.Retrieval;

/// <summary>The known figure of the same run: SQLite FTS5 in memory, Porter stems, the words joined by OR, the best ten by BM25.</summary>
sealed class Fts5 : IDisposable
{
    readonly SqliteConnection connection = new("Data Source=:memory:;Pooling=False");

    public Fts5(IEnumerable<string> texts)
    {
        connection.Open();
        connection.Execute("CREATE VIRTUAL TABLE words USING fts5(content, content='', tokenize='porter unicode61'); BEGIN");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO words (content) VALUES ($text)";
        var text = insert.Parameters.Add("$text", SqliteType.Text);
        foreach (var content in texts)
        {
            text.Value = content;
            insert.ExecuteNonQuery();
        }

        connection.Execute("COMMIT; INSERT INTO words (words) VALUES ('optimize')");
    }

    public Spread Milliseconds(IEnumerable<string> queries) => Spread.Of(queries.Select(query =>
    {
        var begun = Stopwatch.GetTimestamp();
        _ = connection.Query<long>("SELECT rowid FROM words WHERE words MATCH @match ORDER BY rank LIMIT 10", new { match = string.Join(" OR ", query.Split(' ').Select(w => $"\"{w}\"")) }).Count();
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }));

    public void Dispose() => connection.Dispose();
}
