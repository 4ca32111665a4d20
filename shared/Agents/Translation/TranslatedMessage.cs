namespace AiOs.Agents.Translation;

/// <summary>A message in the language of the app.</summary>
/// <param name="Text">What it says in English; every stand-in of a masked value is where it belongs.</param>
/// <param name="Language">What it was written in, as a BCP 47 tag such as <c>de</c>.</param>
public sealed record TranslatedMessage(string Text, string Language);
