using System.Text;

namespace AiOs.Agents.Retrieval.Reading;

/// <summary>Reads a document of any accepted kind as text with its structure. Offsets of citations count in that text.</summary>
public static class KnowledgeReader
{
    /// <summary>The kinds, by the end of the file's name.</summary>
    public const string Kinds = ".md, .html, .txt or .docx";

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The document. Who may read it stands in it (front matter <c>roles: [operator]</c>, in HTML <c>&lt;meta name="roles" content="operator"&gt;</c>), or is given by <paramref name="roles"/>.</summary>
    /// <param name="path">Its name; the end says what it is.</param>
    /// <param name="content">Its bytes; all but .docx are UTF-8.</param>
    /// <param name="roles">Roles that replace those in the document; null for those.</param>
    /// <exception cref="InvalidDataException">It cannot be read; the message names the file and says what to send instead.</exception>
    public static KnowledgeFile Read(string path, ReadOnlyMemory<byte> content, IReadOnlyList<string>? roles)
    {
        var file = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".md" or ".markdown" => Markdown(path, Text(path, content)),
            ".txt" => new KnowledgeFile(path, Text(path, content)) { Format = KnowledgeFormat.Plain },
            ".html" or ".htm" => HtmlText.Read(path, Text(path, content)),
            ".docx" => new KnowledgeFile(path, DocxText.Read(path, content)),
            _ => throw new InvalidDataException($"{path}: this kind of file is not read. Send {Kinds}."),
        };
        if (string.IsNullOrWhiteSpace(file.Text))
            throw new InvalidDataException($"{path}: there is no text in it.");
        file = file with { Roles = ReaderRoles.Checked(path, roles ?? file.Roles) };
        _ = Chunks.Of(file);   // what cannot be cut is refused here, by name
        return file;
    }

    static KnowledgeFile Markdown(string path, string text) => new(path, text) { Roles = ReaderRoles.OfFrontMatter(path, text) };

    static string Text(string path, ReadOnlyMemory<byte> content)
    {
        try
        {
            return Utf8.GetString(content.Span).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException broken)
        {
            throw new InvalidDataException($"{path}: the file is not UTF-8. Save it as UTF-8.", broken);
        }
    }
}
