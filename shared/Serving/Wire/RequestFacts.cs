namespace AiOs.Serving.Wire;

/// <summary>What stands in a place.</summary>
enum PlaceKind
{
    /// <summary>A value; a text with its quotes.</summary>
    Value,

    /// <summary>The name of a member.</summary>
    Name,

    /// <summary>A whole number.</summary>
    Number,
}

/// <summary>A piece of a request's bytes. Empty where the member is absent.</summary>
readonly record struct Place(int Start, int Length, PlaceKind Is = PlaceKind.Value);

/// <summary>What a request says, and where.</summary>
sealed class RequestFacts
{
    public int Open { get; set; }
    public string? Model { get; set; }
    public Place ModelAt { get; set; }
    public bool Stream { get; set; }
    public bool IncludeUsage { get; set; }
    public Place OptionsAt { get; set; }
    public int? MaxTokens { get; set; }

    /// <summary>Where the longest answer is said to be none.</summary>
    public Place NoLongestAt { get; set; }

    public int Choices { get; set; } = 1;

    /// <summary>Images, wherever they are.</summary>
    public int Images { get; set; }

    public string? Sticky { get; set; }
    public Place QuestionAt { get; set; }
    public bool Base64 { get; set; }
    public int? Dimensions { get; set; }
    public List<Place> TextsAt { get; } = [];
    public IReadOnlyList<string> Texts { get; set; } = [];

    /// <summary>Members, with their names, that say what is asked, and not how it is delivered or to whom.</summary>
    public List<Place> Members { get; } = [];

    /// <summary>Texts, names and numbers that could hold something personal.</summary>
    public List<Place> Telling { get; } = [];
}
