using AiOs.ControlPlane.Conversations;
using AiOs.ControlPlane.Runs;

namespace AiOs.Shared.Tests.Conversations;

public sealed class CommandTests
{
    [Theory]
    [InlineData("cancel")]
    [InlineData("Cancel that, please!")]
    [InlineData("ok, never mind")]
    [InlineData("Stop.")]
    [InlineData("I've changed my mind, thanks")]
    [InlineData("sorry, forget it")]
    public void Who_says_no_more_than_cancel_means_the_conversation(string text) => Assert.Equal(Command.Cancel, Commands.Find(Channels.Http, text));

    [Theory]
    [InlineData("agent")]
    [InlineData("Human please")]
    [InlineData("I want to talk to a person.")]
    [InlineData("Please, can I speak to somebody?")]
    [InlineData("I’d like to speak to a human being")]
    [InlineData("put me through to customer service")]
    public void Who_asks_for_a_person_is_understood(string text) => Assert.Equal(Command.Person, Commands.Find(Channels.Queue, text));

    [Theory]
    [InlineData("cancel my transfer")]
    [InlineData("can I cancel a payment?")]
    [InlineData("stop the standing order to a person")]
    [InlineData("person")]
    [InlineData("somebody")]
    [InlineData("I want to talk to a person about my mortgage")]
    [InlineData("a person paid with my card")]
    [InlineData("")]
    [InlineData("no")]
    public void What_an_app_may_be_about_is_left_to_it(string text) => Assert.Null(Commands.Find(Channels.Http, text));

    [Fact]
    public void Events_and_schedules_give_no_commands()
    {
        Assert.Null(Commands.Find(Channels.Event, "cancel"));
        Assert.Null(Commands.Find(Channels.Schedule, "cancel"));
    }

    [Theory]
    [InlineData("sorry, 240 not 420", "sorry, 240        ")]
    [InlineData("not Monday but Tuesday", "           but Tuesday")]
    [InlineData("the 14th instead of the 13th, please", "the 14th instead            , please")]
    [InlineData("no, the 14th", "no, the 14th")]
    public void What_a_correction_denies_is_blanked_out(string text, string kept)
    {
        Assert.True(Correction.IsIn(text));
        Assert.Equal(kept, Correction.Kept(text));
    }

    [Theory]
    [InlineData("What is not covered?")]
    [InlineData("My policy is PC-204518")]
    [InlineData("240 EUR")]
    public void Not_everything_is_a_correction(string text) => Assert.False(Correction.IsIn(text));
}
