namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>The parts of an index, in the order in which its blob holds them. N passages, D documents, T stems, P pairs of a stem and a passage, K topics, all numbers little-endian.</summary>
enum IndexPart
{
    /// <summary>JSON: one <see cref="IndexedDocument"/> a document.</summary>
    Documents,

    /// <summary>N rows of six 32-bit integers: <see cref="PassageRow"/>.</summary>
    Passages,

    /// <summary>UTF-8: the sections and the texts of the passages.</summary>
    Texts,

    /// <summary>T + 1 offsets into <see cref="Stems"/>.</summary>
    StemOffsets,

    /// <summary>UTF-8: the stems in the order of their bytes.</summary>
    Stems,

    /// <summary>T + 1 offsets into <see cref="PostingPassages"/> and <see cref="PostingCounts"/>.</summary>
    PostingOffsets,

    /// <summary>P passage numbers, ascending for each stem.</summary>
    PostingPassages,

    /// <summary>P bytes: how often the stem stands in the passage (255 or more are 255).</summary>
    PostingCounts,

    /// <summary>N + 1 offsets into <see cref="WordStems"/> and <see cref="WordCounts"/>.</summary>
    WordOffsets,

    /// <summary>P stem numbers, ascending for each passage.</summary>
    WordStems,

    /// <summary>P bytes, as <see cref="PostingCounts"/>.</summary>
    WordCounts,

    /// <summary>N sums of counts.</summary>
    Lengths,

    /// <summary>T numbers: the row of the stem in <see cref="TopicStems"/>, or -1.</summary>
    TopicRows,

    /// <summary>Rows of K floats: what each stem means (<see cref="TopicSpace"/>).</summary>
    TopicStems,

    /// <summary>N rows of K floats of length 1: what each passage is about.</summary>
    TopicPassages,

    /// <summary>D rows of K floats of length 1: what each document is about.</summary>
    TopicDocuments,

    /// <summary>N rows of the encoder's dimensions: 32-bit floats, or (above <see cref="RetrievalOptions.MostExact"/>) signed bytes.</summary>
    Vectors,

    /// <summary>N floats: what one step of a byte is worth; empty where the vectors are floats.</summary>
    VectorScales,
}

/// <summary>A document of an index.</summary>
/// <param name="Path">Its name.</param>
/// <param name="Digest">SHA-256 of its text and roles, hexadecimal.</param>
/// <param name="First">Number of its first passage.</param>
/// <param name="Passages">How many it has.</param>
/// <param name="Roles">Who may read it; empty for everybody.</param>
sealed record IndexedDocument(string Path, string Digest, int First, int Passages, IReadOnlyList<string> Roles);

/// <summary>Where a passage stands in its document, and where its section and its text stand in <see cref="IndexPart.Texts"/>.</summary>
readonly record struct PassageRow(int Document, int Start, int SectionAt, int SectionLength, int TextAt, int TextLength);
