namespace AiOs.Models.Sentences;

/// <summary>Makes of a text the token numbers that an encoder reads.</summary>
public interface ISentenceTokenizer
{
    /// <summary>The token numbers, bounded; none where there is nothing to read. The time is linear in the text.</summary>
    int[] Encode(string text);
}

/// <summary>Finds the tokenizer of an encoder by the vocabulary beside it.</summary>
public static class SentenceTokenizer
{
    /// <summary>The file of a unigram vocabulary.</summary>
    public const string UnigramFile = "vocabulary.json";

    /// <summary>The file of a WordPiece vocabulary.</summary>
    public const string WordPieceFile = "vocabulary.txt";

    /// <summary>The tokenizer for the model in <paramref name="directory"/>, or null where there is no vocabulary.</summary>
    /// <exception cref="InvalidDataException">The vocabulary is none.</exception>
    public static ISentenceTokenizer? Find(string directory)
    {
        var (unigram, wordPiece) = (Path.Combine(directory, UnigramFile), Path.Combine(directory, WordPieceFile));
        return File.Exists(unigram) ? new UnigramTokenizer(UnigramVocabulary.Read(unigram))
            : File.Exists(wordPiece) ? new WordPieceTokenizer(WordPieceVocabulary.Read(wordPiece))
            : null;
    }
}
