using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Agents.Reading;

/// <summary>Wires the reading of messages by models.</summary>
public static class ReadingSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds <see cref="MessageReader"/>.</summary>
        public IServiceCollection AddReading() => services.AddSingleton<MessageReader>();
    }
}
