using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AiOs.Agents.Retrieval;

/// <summary>An index while it is built, in memory.</summary>
sealed class IndexDraft : IDisposable
{
    /// <summary>A word in a heading counts as much as two in the text.</summary>
    const string Ranking = "bm25(2.0, 1.0)";

    readonly SqliteConnection connection = new("Data Source=:memory:;Pooling=False");
    readonly SortedDictionary<string, int> frequencies = new(StringComparer.Ordinal);
    int documents;

    public IndexDraft()
    {
        connection.Open();
        connection.Execute(
            """
            CREATE TABLE documents (id INTEGER PRIMARY KEY, path TEXT NOT NULL);
            CREATE TABLE passages (id INTEGER PRIMARY KEY, document INTEGER NOT NULL, section TEXT NOT NULL, first INTEGER NOT NULL, content BLOB NOT NULL);
            CREATE TABLE stems (stem TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
            CREATE VIRTUAL TABLE words USING fts5(section, content, content='', tokenize='porter unicode61 remove_diacritics 2');
            BEGIN;
            """);
        connection.Execute("INSERT INTO words (words, rank) VALUES ('rank', @Ranking)", new { Ranking });
    }

    /// <summary>What the encoder reads of each passage.</summary>
    public List<string> Texts { get; } = [];

    public void Add(KnowledgeFile file, IReadOnlyList<Chunk> chunks)
    {
        connection.Execute("INSERT INTO documents (id, path) VALUES (@id, @Path)", new { id = ++documents, file.Path });
        foreach (var chunk in chunks)
        {
            var text = file.Text[chunk.Start..chunk.End];
            var id = Texts.Count + 1;
            connection.Execute("INSERT INTO passages (id, document, section, first, content) VALUES (@id, @documents, @Section, @Start, @content)",
                new { id, documents, chunk.Section, chunk.Start, content = Encoding.UTF8.GetBytes(text) });
            connection.Execute("INSERT INTO words (rowid, section, content) VALUES (@id, @Section, @text)", new { id, chunk.Section, text });
            foreach (var stem in Terms.Of(chunk.Section).Concat(Terms.Of(text)).Distinct(StringComparer.Ordinal))
                frequencies[stem] = frequencies.GetValueOrDefault(stem) + 1;
            Texts.Add(Readable(chunk.Section, text));
        }
    }

    /// <summary>The finished blob.</summary>
    public byte[] Finish(string encoder, IReadOnlyList<ReadOnlyMemory<float>> vectors)
    {
        connection.Execute("INSERT INTO stems (stem, passages) VALUES (@Key, @Value)", frequencies);
        connection.Execute("INSERT INTO words (words) VALUES ('optimize')");
        connection.Execute("COMMIT; VACUUM;");
        return IndexBlob.Write(connection, encoder, documents, vectors);
    }

    public void Dispose() => connection.Dispose();

    static string Readable(string section, string text)
    {
        var heading = section.LastIndexOf(" > ", StringComparison.Ordinal) is var cut && cut < 0 ? section : section[(cut + 3)..];
        return heading.Length > 0 ? heading + ". " + MarkdownText.Plain(text) : MarkdownText.Plain(text);
    }
}
