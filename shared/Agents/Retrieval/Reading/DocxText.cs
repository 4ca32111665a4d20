using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace AiOs.Agents.Retrieval.Reading;

/// <summary>A Word document as text: headings by their style, paragraphs, list items and table rows.</summary>
static class DocxText
{
    const long MostCharacters = 20_000_000;

    /// <exception cref="InvalidDataException">It is no Word document; names the file.</exception>
    public static string Read(string path, ReadOnlyMemory<byte> content)
    {
        try
        {
            using var stream = new MemoryStream(content.ToArray(), writable: false);
            using var document = WordprocessingDocument.Open(stream, isEditable: false, new OpenSettings { MaxCharactersInPart = MostCharacters });
            var body = document.MainDocumentPart?.Document?.Body ?? throw new InvalidDataException($"{path}: the Word document has no body.");
            var text = new StructuredText();
            foreach (var element in body.ChildElements)
                Write(element, text);
            return text.ToString();
        }
        catch (Exception broken) when (broken is OpenXmlPackageException or FileFormatException or System.Xml.XmlException or IOException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: this is no readable Word document (.docx): {broken.Message}", broken);
        }
    }

    static void Write(OpenXmlElement element, StructuredText text)
    {
        switch (element)
        {
            case Paragraph paragraph:
                text.Begin(Mark(paragraph));
                text.Write(Words(paragraph));
                text.End();
                break;
            case Table table:
                foreach (var row in table.Elements<TableRow>())
                {
                    text.Begin("| ");
                    text.Write(string.Concat(row.Elements<TableCell>().Select(cell => string.Join(' ', cell.Descendants<Paragraph>().Select(Words)) + " | ")));
                    text.End();
                }

                break;
            case SdtBlock { SdtContentBlock: { } inner }:
                foreach (var child in inner.ChildElements)
                    Write(child, text);
                break;
        }
    }

    static string Mark(Paragraph paragraph)
    {
        var properties = paragraph.ParagraphProperties;
        var style = properties?.ParagraphStyleId?.Val?.Value ?? "";
        if (style.Equals("Title", StringComparison.OrdinalIgnoreCase))
            return "# ";
        if (style.StartsWith("Heading", StringComparison.OrdinalIgnoreCase) && style[^1] is >= '1' and <= '6')
            return new string('#', style[^1] - '0') + " ";
        if (properties?.OutlineLevel?.Val?.Value is { } level and >= 0 and < 6)
            return new string('#', level + 1) + " ";
        return properties?.NumberingProperties is not null || style.StartsWith("List", StringComparison.OrdinalIgnoreCase) ? "- " : "";
    }

    static string Words(Paragraph paragraph) => string.Concat(paragraph.Descendants().Select(part => part switch { Text words => words.Text, TabChar or Break or CarriageReturn => " ", _ => "" }));
}
