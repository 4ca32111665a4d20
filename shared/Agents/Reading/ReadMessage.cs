namespace AiOs.Agents.Reading;

/// <summary>What a model made of a message in another language, checked.</summary>
/// <param name="Language">What it is written in, as a BCP 47 tag; never English.</param>
/// <param name="English">What it says in English, with every hidden value where it belongs.</param>
/// <param name="Intent">One of the app's; null where it is none of them.</param>
/// <param name="Confidence">How sure the model says that it is, in [0, 1]: its own word, not calibrated.</param>
/// <param name="Evidence">The words of the message that show the intent; empty where it is none.</param>
/// <param name="Fields">By name, what the message says of a field, in English and in the plain form of its kind.</param>
public sealed record ReadMessage(string Language, string English, string? Intent, double Confidence, string Evidence, IReadOnlyDictionary<string, string> Fields);
