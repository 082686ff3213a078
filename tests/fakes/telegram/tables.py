"""The tables of parameters of the Bot API's documentation (Bot API 10.1), for the methods that this server knows.

NAME:TYPE, `!` when it is required, `[T]` an Array of T, `A|B` either. int, str, bool and file stand for Integer, String,
Boolean and InputFile. A type that has no table here is taken as it comes.
"""

_TO = "business_connection_id:str chat_id:int|str! message_thread_id:int direct_messages_topic_id:int "
_CAPTION = "caption:str parse_mode:str caption_entities:[MessageEntity] "
_SEND = ("disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:str "
         "suggested_post_parameters:SuggestedPostParameters reply_parameters:ReplyParameters ")
_MARKUP = "reply_markup:InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply "
_EDIT = "business_connection_id:str chat_id:int|str message_id:int inline_message_id:str "
_INLINE = "reply_markup:InlineKeyboardMarkup "
_TOPIC = "chat_id:int|str! message_thread_id:int! "
_FORWARD = ("chat_id:int|str! message_thread_id:int direct_messages_topic_id:int from_chat_id:int|str! message_id:int! "
            "video_start_timestamp:int ")
_SCOPE = "scope:BotCommandScope language_code:str"

METHODS = {
    "getMe": "", "logOut": "", "close": "", "getWebhookInfo": "",
    "getUpdates": "offset:int limit:int timeout:int allowed_updates:[str]",
    "setWebhook": "url:str! certificate:file ip_address:str max_connections:int allowed_updates:[str] "
                  "drop_pending_updates:bool secret_token:str",
    "deleteWebhook": "drop_pending_updates:bool",
    "sendMessage": _TO + "text:str! parse_mode:str entities:[MessageEntity] link_preview_options:LinkPreviewOptions " + _SEND + _MARKUP,
    "forwardMessage": _FORWARD + "disable_notification:bool protect_content:bool message_effect_id:str "
                      "suggested_post_parameters:SuggestedPostParameters",
    "copyMessage": _FORWARD + _CAPTION + "show_caption_above_media:bool " + _SEND + _MARKUP,
    "sendPhoto": _TO + "photo:file|str! " + _CAPTION + "show_caption_above_media:bool has_spoiler:bool " + _SEND + _MARKUP,
    "sendDocument": _TO + "document:file|str! thumbnail:file|str " + _CAPTION + "disable_content_type_detection:bool " + _SEND + _MARKUP,
    "sendMediaGroup": _TO + "media:[InputMedia]! disable_notification:bool protect_content:bool allow_paid_broadcast:bool "
                      "message_effect_id:str reply_parameters:ReplyParameters",
    "sendChatAction": "business_connection_id:str chat_id:int|str! message_thread_id:int action:str!",
    "setMessageReaction": "chat_id:int|str! message_id:int! reaction:[ReactionType] is_big:bool",
    "editMessageText": _EDIT + "text:str parse_mode:str entities:[MessageEntity] link_preview_options:LinkPreviewOptions "
                       "rich_message:InputRichMessage " + _INLINE,
    "editMessageCaption": _EDIT + _CAPTION + "show_caption_above_media:bool " + _INLINE,
    "editMessageReplyMarkup": _EDIT + _INLINE,
    "deleteMessage": "chat_id:int|str! message_id:int!",
    "deleteMessages": "chat_id:int|str! message_ids:[int]!",
    "answerCallbackQuery": "callback_query_id:str! text:str show_alert:bool url:str cache_time:int",
    "getFile": "file_id:str!",
    "getChat": "chat_id:int|str!",
    "getChatMember": "chat_id:int|str! user_id:int!",
    "getChatMemberCount": "chat_id:int|str!",
    "getChatAdministrators": "chat_id:int|str! return_bots:bool",
    "leaveChat": "chat_id:int|str!",
    "pinChatMessage": "business_connection_id:str chat_id:int|str! message_id:int! disable_notification:bool",
    "unpinChatMessage": "business_connection_id:str chat_id:int|str! message_id:int",
    "createForumTopic": "chat_id:int|str! name:str! icon_color:int icon_custom_emoji_id:str",
    "editForumTopic": _TOPIC + "name:str icon_custom_emoji_id:str",
    "closeForumTopic": _TOPIC, "reopenForumTopic": _TOPIC, "deleteForumTopic": _TOPIC,
    "setMyCommands": "commands:[BotCommand]! " + _SCOPE, "deleteMyCommands": _SCOPE, "getMyCommands": _SCOPE,
    "setMyName": "name:str language_code:str", "getMyName": "language_code:str",
    "setMyDescription": "description:str language_code:str", "getMyDescription": "language_code:str",
    "setMyShortDescription": "short_description:str language_code:str", "getMyShortDescription": "language_code:str",
    "setChatMenuButton": "chat_id:int menu_button:MenuButton", "getChatMenuButton": "chat_id:int",
}

# Parameters of earlier versions that the real server still takes without a word.
OLD = {
    "disable_web_page_preview": "bool", "reply_to_message_id": "int", "allow_sending_without_reply": "bool",
    "thumb": "file|str",
}

TYPES = {
    "InlineKeyboardMarkup": "inline_keyboard:[[InlineKeyboardButton]]!",
    "InlineKeyboardButton": "text:str! icon_custom_emoji_id:str style:str url:str callback_data:str web_app:WebAppInfo "
                            "login_url:LoginUrl switch_inline_query:str switch_inline_query_current_chat:str "
                            "switch_inline_query_chosen_chat:SwitchInlineQueryChosenChat copy_text:CopyTextButton "
                            "callback_game:CallbackGame pay:bool",
    "CopyTextButton": "text:str!",
    "WebAppInfo": "url:str!",
    "LoginUrl": "url:str! forward_text:str bot_username:str request_write_access:bool",
    "SwitchInlineQueryChosenChat": "query:str allow_user_chats:bool allow_bot_chats:bool allow_group_chats:bool "
                                   "allow_channel_chats:bool",
    "ReplyKeyboardMarkup": "keyboard:[[KeyboardButton|str]]! is_persistent:bool resize_keyboard:bool one_time_keyboard:bool "
                           "input_field_placeholder:str selective:bool",
    "KeyboardButton": "text:str! icon_custom_emoji_id:str style:str request_users:KeyboardButtonRequestUsers "
                      "request_chat:KeyboardButtonRequestChat request_managed_bot:KeyboardButtonRequestManagedBot "
                      "request_contact:bool request_location:bool request_poll:KeyboardButtonPollType web_app:WebAppInfo",
    "ReplyKeyboardRemove": "remove_keyboard:bool! selective:bool",
    "ForceReply": "force_reply:bool! input_field_placeholder:str selective:bool",
    "ReplyParameters": "message_id:int! chat_id:int|str allow_sending_without_reply:bool quote:str quote_parse_mode:str "
                       "quote_entities:[MessageEntity] quote_position:int checklist_task_id:int poll_option_id:str",
    "LinkPreviewOptions": "is_disabled:bool url:str prefer_small_media:bool prefer_large_media:bool show_above_text:bool",
    "MessageEntity": "type:str! offset:int! length:int! url:str user:User language:str custom_emoji_id:str unix_time:int "
                     "date_time_format:str",
    "BotCommand": "command:str! description:str!",
    "BotCommandScope": "type:str! chat_id:int|str user_id:int",
    "InputMedia": "type:str! media:str! thumbnail:str caption:str parse_mode:str caption_entities:[MessageEntity] "
                  "show_caption_above_media:bool has_spoiler:bool disable_content_type_detection:bool",
    "MenuButton": "type:str! text:str web_app:WebAppInfo",
}

UPDATES = (
    "message edited_message channel_post edited_channel_post business_connection business_message edited_business_message "
    "deleted_business_messages guest_message message_reaction message_reaction_count inline_query chosen_inline_result "
    "callback_query shipping_query pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member "
    "chat_join_request chat_boost removed_chat_boost managed_bot").split()
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
